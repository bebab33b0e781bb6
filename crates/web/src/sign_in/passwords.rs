//! Digests of passwords: Argon2id with the parameters that OWASP names, made away from the threads that answer, one at a
//! time, always in the same memory. A name that nobody has costs the same work as one that somebody has.

use crate::app::App;
use crate::problem::{Code, Problem};
use crate::speech::come_back;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// Memory of one digest, in KiB (OWASP password storage: 19 MiB, two passes, one lane).
const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of salt.
const SALT_BYTES: usize = 16;
/// Who waits for the memory; who comes beyond them is told to come back.
const MAX_WAITING: usize = 32;
/// A digest that no password has, for names that nobody has.
const OF_NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbC4uLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a digest is worked out in. It is made once: 19 MiB given back by one thread after the other are not given back by
/// the allocator, but kept for each of them.
#[derive(Default)]
struct Memory(Vec<Block>);

impl Memory {
    /// The digest's bytes for these parameters; what a password left in the memory is wiped.
    fn work_out(&mut self, params: Params, password: &[u8], salt: &Salt) -> Option<Output> {
        self.0.resize(params.block_count().max(self.0.len()), Block::default());
        let bytes = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut out = zeroize::Zeroizing::new([0; Output::MAX_LENGTH]);
        let out = out.get_mut(..bytes)?;
        let done = argon2.hash_password_into_with_memory(password, salt, out, self.0.as_mut_slice());
        self.0.fill(Block::default());
        done.ok().and_then(|()| Output::new(out).ok())
    }

    fn digest(&mut self, password: &[u8], salt: &[u8]) -> Option<String> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
        let salt = Salt::new(salt).ok()?;
        let digest = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).ok()?,
            hash: Some(self.work_out(params, password, &salt)?),
            salt: Some(salt),
        };
        Some(digest.to_string())
    }

    fn is_held(&mut self, password: &str, digest: Option<&str>) -> bool {
        let is_same = PasswordHash::new(digest.unwrap_or(OF_NOBODY)).ok().is_some_and(|read| {
            let ours = read.algorithm == ARGON2ID_IDENT && read.version == Some(Version::V0x13.into());
            let params = Params::try_from(&read).ok().filter(|_| ours);
            let made =
                params.zip(read.salt).and_then(|(params, salt)| self.work_out(params, password.as_bytes(), &salt));
            // Outputs are compared in a time that does not depend on what is in them.
            made.is_some() && made == read.hash
        });
        is_same && digest.is_some()
    }
}

/// The memory for working digests out, and the places for those who wait for it.
#[derive(Clone)]
pub(crate) struct Places {
    memory: Arc<Mutex<Memory>>,
    waiting: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        Self { memory: Arc::default(), waiting: Arc::new(Semaphore::new(MAX_WAITING)) }
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Places {
    /// Works something out on a thread for waiting.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _waiting = self.waiting.clone().try_acquire_owned().map_err(|_| come_back(Code::Busy))?;
        let mut memory = self.memory.clone().lock_owned().await;
        tokio::task::spawn_blocking(move || work(&mut memory)).await.map_err(|error| Problem::internal(&error))
    }
}

/// The digest of a password, in the PHC form.
pub(crate) async fn digest(app: &App, password: &str) -> Result<String, Problem> {
    let mut salt = [0; SALT_BYTES];
    app.entropy.fill(&mut salt);
    let password = zeroize::Zeroizing::new(password.to_owned());
    let made = app.doors().places.work(move |memory| memory.digest(password.as_bytes(), &salt));
    made.await?.ok_or_else(|| Code::Internal.into())
}

/// Whether a password has this digest. Without a digest the work is the same and the answer no.
pub(crate) async fn holds(app: &App, password: &str, digest: Option<String>) -> Result<bool, Problem> {
    let password = zeroize::Zeroizing::new(password.to_owned());
    app.doors().places.work(move |memory| memory.is_held(&password, digest.as_deref())).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use desk::Clock;
    use desk::seam::SystemClock;

    #[test]
    fn a_digest_names_its_parameters_and_holds_its_password_alone() {
        let mut memory = Memory::default();
        let digest = memory.digest(b"fyra elefanter", &[7; SALT_BYTES]).unwrap();
        assert!(digest.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{digest}");
        assert!(memory.is_held("fyra elefanter", Some(&digest)));
        assert!(!memory.is_held("fem elefanter", Some(&digest)));
        assert!(!memory.is_held("fyra elefanter", None));
    }

    #[test]
    fn digests_are_those_of_the_library_and_leave_nothing_in_the_memory() {
        use argon2::PasswordVerifier as _;
        let mut memory = Memory::default();
        let digest = memory.digest(b"fyra elefanter", &[7; SALT_BYTES]).unwrap();
        assert!(Argon2::default().verify_password(b"fyra elefanter", digest.as_str()).is_ok());
        assert!(memory.0.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
        // A digest with other parameters, as a later release may make them, and one of another kind.
        let small = Params::new(64, 3, 1, Some(16)).unwrap();
        let other = Argon2::new(Algorithm::Argon2id, Version::V0x13, small);
        let other = argon2::PasswordHasher::hash_password_with_salt(&other, b"fem myror", &[1; SALT_BYTES]).unwrap();
        assert!(memory.is_held("fem myror", Some(&other.to_string())));
        assert!(!memory.is_held("fem myror", Some(&other.to_string().replace("argon2id", "argon2i"))));
        assert!(!memory.is_held("fem myror", Some("$argon2id$v=19$m=64,t=3,p=1$c2FsdHNhbHQ")));
    }

    #[test]
    fn a_name_that_nobody_has_costs_the_same_work() {
        let mut memory = Memory::default();
        let digest = memory.digest(b"fyra elefanter", &[7; SALT_BYTES]).unwrap();
        let clock = SystemClock::new();
        let mut took = |digest: Option<&str>| {
            let began = clock.monotonic();
            assert!(!memory.is_held("fem elefanter", digest));
            clock.monotonic().saturating_sub(began)
        };
        let mut best = |digest: Option<&str>| (0..3).map(|_| took(digest)).min().unwrap();
        let (known, unknown) = (best(Some(&digest)), best(None));
        assert!(unknown * 3 > known && known * 3 > unknown, "{known:?} for somebody, {unknown:?} for nobody");
    }
}
