//! Digests of passwords: Argon2id with the parameters that OWASP names, made away from the threads that answer, a few
//! at a time. A name that nobody has costs the same work as one that somebody has.

use crate::app::App;
use crate::problem::{Code, Problem};
use crate::speech::come_back;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory of one digest, in KiB (OWASP password storage: 19 MiB, two passes, one lane).
const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of salt.
const SALT_BYTES: usize = 16;
/// Digests that are worked out at once: each takes memory and a core.
const MAX_AT_ONCE: usize = 2;
/// Who waits for a place; who comes beyond them is told to come back.
const MAX_WAITING: usize = 32;
/// A digest that no password has, for names that nobody has.
const OF_NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbC4uLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The places for working digests out.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        Self { working: Arc::new(Semaphore::new(MAX_AT_ONCE)), waiting: Arc::new(Semaphore::new(MAX_WAITING)) }
    }
}

impl Places {
    /// Works something out on a thread for waiting.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _waiting = self.waiting.clone().try_acquire_owned().map_err(|_| come_back(Code::Busy))?;
        let _working = self.working.clone().acquire_owned().await.map_err(|error| Problem::internal(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
    }
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The digest of a password, in the PHC form.
pub(crate) async fn digest(app: &App, password: &str) -> Result<String, Problem> {
    let mut salt = [0; SALT_BYTES];
    app.entropy.fill(&mut salt);
    let password = zeroize::Zeroizing::new(password.to_owned());
    let made = app.doors().places.work(move || {
        let argon2 = argon2()?;
        argon2.hash_password_with_salt(password.as_bytes(), &salt).ok().map(|digest| digest.to_string())
    });
    made.await?.ok_or_else(|| Code::Internal.into())
}

/// Whether a password has this digest. Without a digest the work is the same and the answer no.
pub(crate) async fn holds(app: &App, password: &str, digest: Option<String>) -> Result<bool, Problem> {
    let password = zeroize::Zeroizing::new(password.to_owned());
    app.doors().places.work(move || is_held(&password, digest.as_deref())).await
}

fn is_held(password: &str, digest: Option<&str>) -> bool {
    let (Some(argon2), Ok(read)) = (argon2(), PasswordHash::new(digest.unwrap_or(OF_NOBODY))) else { return false };
    let is_same = argon2.verify_password(password.as_bytes(), &read).is_ok();
    is_same && digest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use desk::Clock;
    use desk::seam::SystemClock;

    #[test]
    fn a_digest_names_its_parameters_and_holds_its_password_alone() {
        let digest =
            argon2().unwrap().hash_password_with_salt(b"fyra elefanter", &[7; SALT_BYTES]).unwrap().to_string();
        assert!(digest.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{digest}");
        assert!(is_held("fyra elefanter", Some(&digest)));
        assert!(!is_held("fem elefanter", Some(&digest)));
        assert!(!is_held("fyra elefanter", None));
    }

    #[test]
    fn a_name_that_nobody_has_costs_the_same_work() {
        let digest =
            argon2().unwrap().hash_password_with_salt(b"fyra elefanter", &[7; SALT_BYTES]).unwrap().to_string();
        let clock = SystemClock::new();
        let took = |digest: Option<&str>| {
            let began = clock.monotonic();
            assert!(!is_held("fem elefanter", digest));
            clock.monotonic().saturating_sub(began)
        };
        let best = |digest: Option<&str>| (0..3).map(|_| took(digest)).min().unwrap();
        let (known, unknown) = (best(Some(&digest)), best(None));
        assert!(unknown * 3 > known && known * 3 > unknown, "{known:?} for somebody, {unknown:?} for nobody");
    }
}
