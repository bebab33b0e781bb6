//! Second factors of people with a local account: the code of an authenticator app, or a recovery code. Each is good
//! once.

use super::totp;
use crate::acts::on_own;
use crate::app::App;
use crate::problem::{Code, Problem};
use domain::body::Body;
use domain::credentials::{Credentials, Proof, RECOVERY_CODES, RecoveryUsed};
use domain::fact::NewFact;
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::people::UserFile;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How long it is remembered that a code was used: longer than it would be good.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);
/// What used codes are remembered under.
const USED_CODES: &str = "totp";
/// Random bytes of a recovery code: 80 bits, which nobody tries out.
const RECOVERY_BYTES: usize = 10;
/// Letters between the dashes of a recovery code.
const RECOVERY_GROUP: usize = 4;
/// What the vault's key is used for here.
const ENROLMENT_PURPOSE: &str = "secret of one-time codes";
/// Bytes of a secret for one-time codes (RFC 4226: 160 bits).
const TOTP_BYTES: usize = 20;

/// The user of an account.
pub(crate) async fn user(app: &App, account: AccountId) -> Result<UserFile, Problem> {
    user_of(app.desk.file(account).await?)
}

/// The user in a file.
pub(crate) fn user_of(file: AccountFile) -> Result<UserFile, Problem> {
    match file.part {
        Part::User(user) => Ok(user),
        _ => Err(Code::NotFound.into()),
    }
}

/// Whether the code of an authenticator app is good now and was not used. It is used up.
pub(crate) async fn use_code(
    app: &App,
    account: AccountId,
    credentials: &Credentials,
    typed: &str,
) -> Result<bool, Problem> {
    let Some(sealed) = &credentials.totp else { return Ok(false) };
    let opened = app.vault.open(account, sealed).await.map_err(|error| Problem::internal(&error))?;
    let Some(secret) = opened else { return Ok(false) };
    use_code_of(app, account, &secret, typed).await
}

/// As [`use_code`], for a secret that is not recorded yet.
pub(crate) async fn use_code_of(app: &App, account: AccountId, secret: &str, typed: &str) -> Result<bool, Problem> {
    let now = app.doors().clock.now();
    let Some(step) = totp::matching_step(secret, typed, now) else { return Ok(false) };
    let key = format!("{account}:{}:{step}", Hash::of(secret.as_bytes()));
    let until = super::sessions::later(now, REMEMBERED);
    Ok(app.desk.store.first_seen(USED_CODES, &key, now, until).await?)
}

/// Whether a recovery code is one of those that are left. It is used up, by a fact.
async fn use_recovery(app: &App, account: AccountId, typed: &str) -> Result<bool, Problem> {
    let digest = recovery_digest(typed);
    let acted = on_own(app, account, AccountKind::User, None, |view| {
        let is_left = matches!(&view.file.part, Part::User(user) if user.credentials.recovery.contains(&digest));
        let used = Body::RecoveryUsed(RecoveryUsed { digest });
        Ok(if is_left { vec![by_person(account, view.at, used)] } else { Vec::new() })
    });
    Ok(!acted.await?.facts.is_empty())
}

/// What a person typed as second factor: a code of six digits, or one of the recovery codes.
pub(crate) async fn use_either(
    app: &App,
    account: AccountId,
    credentials: &Credentials,
    typed: &str,
) -> Result<Option<Proof>, Problem> {
    if use_code(app, account, credentials, typed).await? {
        return Ok(Some(Proof::Totp));
    }
    let is_recovery = credentials.recovery.contains(&recovery_digest(typed));
    Ok((is_recovery && use_recovery(app, account, typed).await?).then_some(Proof::Recovery))
}

/// A fact that a person tells about itself.
pub(crate) fn by_person(account: AccountId, at: jiff::Timestamp, body: Body) -> NewFact {
    NewFact { happened: at, actor: Actor::User(account), source_key: None, body }
}

/// New recovery codes: as they are shown this once, and their digests.
pub(crate) fn recovery_codes(app: &App) -> (Vec<String>, BTreeSet<Hash>) {
    let code = |_| {
        let mut random = [0; RECOVERY_BYTES];
        app.entropy.fill(&mut random);
        let letters = totp::to_base_32(&random).to_lowercase().into_bytes();
        let groups = letters.chunks(RECOVERY_GROUP).map(|group| String::from_utf8_lossy(group).into_owned());
        groups.collect::<Vec<_>>().join("-")
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(code).collect();
    let digests = codes.iter().map(|code| recovery_digest(code)).collect();
    (codes, digests)
}

/// The digest of a recovery code, however it was typed.
fn recovery_digest(typed: &str) -> Hash {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    Hash::of(letters.to_lowercase().as_bytes())
}

/// The secret of one-time codes that is offered for a purpose: the same until it is taken, and kept nowhere before.
pub(crate) fn offered_secret(app: &App, what_for: &str) -> String {
    let half = |number: u8| *app.vault.token(ENROLMENT_PURPOSE, &format!("{number} {what_for}")).0.as_bytes();
    let whole = Hash::of(&[half(1), half(2)].concat());
    totp::to_base_32(whole.0.get(..TOTP_BYTES).unwrap_or_default())
}
