//! How people prove who they are: what is recorded about passwords, second factors, links and sign-ins, and the rules
//! for them. No secret is here in the open, and none is checked here; that is `web`'s, which alone sees them.

use crate::ids::{AccountId, Hash, TenantId, TokenId};
use crate::people::UserFile;
use crate::permission::{Permission, allows};
use crate::sealed::Sealed;
use crate::signals::Token;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// The longest password, in characters.
pub const MAX_PASSWORD_CHARS: usize = 256;
/// How many recovery codes are handed out at once.
pub const RECOVERY_CODES: usize = 10;
/// How long a link for one use is good, in minutes.
pub const LINK_MINUTES: i64 = 15;
/// How old a second factor may be for an act that demands a fresh one, in minutes.
pub const FRESH_MINUTES: i64 = 5;
/// What the key of sign-in names is used for in the vault, so that no other use gives the same token.
pub const SIGN_IN_NAME_PURPOSE: &str = "sign-in name";
/// How long the wish for a policy waits for another Global administrator, in hours.
pub const SECONDING_HOURS: i64 = 24;

/// Parts of a name that are shorter than this are met in any password.
const MIN_NAME_PART_CHARS: usize = 4;
/// A password with fewer different characters than this is a pattern.
const MIN_DIFFERENT_CHARS: usize = 5;

/// Observed: a person was asked in. Whoever has the link chooses password and second factor; nobody else learns them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInvited {
    /// The name that is typed to sign in.
    pub sign_in: Sealed<String>,
    /// What stands for that name, to look it up by.
    pub lookup: Token,
    /// SHA-256 of the link's secret.
    pub link: Hash,
    /// When the link ends.
    pub expires: Timestamp,
}

/// Observed: a person used the link up and chose how to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEnrolled {
    /// SHA-256 of the link's secret.
    pub link: Hash,
    /// The password's Argon2id digest in the PHC form.
    pub password: Sealed<String>,
    /// The secret of the one-time codes, in base 32.
    pub totp: Sealed<String>,
    /// SHA-256 of each recovery code.
    pub recovery: BTreeSet<Hash>,
}

/// Observed: a person chose another password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// Its Argon2id digest in the PHC form.
    pub password: Sealed<String>,
}

/// Observed: a person's one-time codes come from another secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpChanged {
    /// The secret, in base 32.
    pub secret: Sealed<String>,
}

/// Observed: recovery codes were made in place of those before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryMade {
    /// SHA-256 of each.
    pub digests: BTreeSet<Hash>,
}

/// Observed: a recovery code was used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryUsed {
    /// SHA-256 of it.
    pub digest: Hash,
}

/// Observed: the user is a person of Entra ID, told apart by tenant and object id alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntraLinked {
    /// The tenant that signs the person in.
    pub tenant: TenantId,
    /// The person in it.
    pub object: uuid::Uuid,
}

/// What a person proved to be itself with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A link for one use, by choosing password and second factor.
    Link,
    /// A one-time code.
    Totp,
    /// A recovery code.
    Recovery,
    /// Entra ID.
    Entra,
}

/// Observed: a person signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The session that began.
    pub session: TokenId,
    /// What the second factor was.
    pub by: Proof,
}

/// Observed: somebody tried to sign in as this person and was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRefused {
    /// Whether the password was right, so that only the second factor was missing.
    pub password_held: bool,
}

/// Observed: a person proved anew to be itself, for an act that demands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SteppedUp {
    /// With what.
    pub by: Proof,
}

/// Observed: a Global administrator wants a policy that another one has to want as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyWanted {
    /// The bundle of files.
    pub hash: Hash,
    /// Who wants it.
    pub by: AccountId,
    /// Until when another may join.
    pub until: Timestamp,
}

/// The name a person signs in under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInName {
    /// The name.
    pub name: Sealed<String>,
    /// What stands for it.
    pub lookup: Token,
}

/// A link for one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// SHA-256 of its secret.
    pub digest: Hash,
    /// When it ends.
    pub expires: Timestamp,
}

/// How a person proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Credentials {
    /// The name to sign in under; nothing for a machine, and for people of Entra ID.
    pub sign_in: Option<SignInName>,
    /// The link that was handed out last, until it is used.
    pub link: Option<Link>,
    /// The password's digest.
    pub password: Option<Sealed<String>>,
    /// The secret of the one-time codes.
    pub totp: Option<Sealed<String>>,
    /// SHA-256 of the recovery codes that are left.
    pub recovery: BTreeSet<Hash>,
    /// Who it is in Entra ID.
    pub entra: Option<EntraLinked>,
}

impl Credentials {
    /// Whether a person has taken this user over, so that nobody else makes secrets for it.
    #[must_use]
    pub fn is_persons(&self) -> bool {
        self.sign_in.is_some() || self.totp.is_some() || self.entra.is_some()
    }

    /// Whether the link with this digest is good.
    #[must_use]
    pub fn admits(&self, digest: Hash, now: Timestamp) -> bool {
        self.link.is_some_and(|link| link.digest == digest && now < link.expires)
    }

    pub(crate) fn invited(&mut self, invited: &UserInvited) {
        self.sign_in = Some(SignInName { name: invited.sign_in.clone(), lookup: invited.lookup });
        self.link = Some(Link { digest: invited.link, expires: invited.expires });
    }

    pub(crate) fn enrolled(&mut self, enrolled: &UserEnrolled) {
        self.link = None;
        self.password = Some(enrolled.password.clone());
        self.totp = Some(enrolled.totp.clone());
        self.recovery.clone_from(&enrolled.recovery);
    }
}

/// Whether somebody who manages users may make tokens for this user: only for a machine, and only while it can't
/// approve. A person's tokens are made by that person alone.
#[must_use]
pub fn takes_tokens_from_others(user: &UserFile) -> bool {
    !user.credentials.is_persons() && !user.roles.iter().any(|role| allows(*role, Permission::ActionApprove))
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakPassword {
    /// It has fewer characters than [`MIN_PASSWORD_CHARS`].
    TooShort,
    /// It has more characters than [`MAX_PASSWORD_CHARS`].
    TooLong,
    /// It is among those that are tried first.
    Common,
    /// The person's name is in it.
    HasName,
}

impl WeakPassword {
    /// The stable word of the cause.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Common => "password_common",
            Self::HasName => "password_has_name",
        }
    }
}

/// Weighs a password (OWASP: length, no common ones, no composition rules). `names` are what the person is called.
pub fn weigh_password(password: &str, names: &[&str]) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < MIN_PASSWORD_CHARS {
        return Err(WeakPassword::TooShort);
    }
    if length > MAX_PASSWORD_CHARS {
        return Err(WeakPassword::TooLong);
    }
    let lower = password.to_lowercase();
    let parts = names.iter().flat_map(|name| name.split(|sign: char| !sign.is_alphanumeric()));
    let mut parts = parts.filter(|part| part.chars().count() >= MIN_NAME_PART_CHARS).map(str::to_lowercase);
    if parts.any(|part| lower.contains(&part)) {
        return Err(WeakPassword::HasName);
    }
    let letters: String = lower.chars().filter(|sign| sign.is_alphabetic()).collect();
    let different: BTreeSet<char> = lower.chars().collect();
    let is_common = COMMON.iter().any(|common| lower == *common || (letters.len() >= 6 && letters == *common));
    if is_common || different.len() < MIN_DIFFERENT_CHARS {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

/// What is tried first, in small letters. Digits and signs around a word of this list do not help it.
const COMMON: &[&str] = &[
    "abcdefghijkl",
    "abc123abc123",
    "administrator",
    "adminadmin",
    "adminadminadmin",
    "changeme",
    "changemenow",
    "correcthorsebatterystaple",
    "dragon",
    "football",
    "hejhejhejhej",
    "iloveyou",
    "iloveyouiloveyou",
    "letmein",
    "letmeinletmein",
    "lösenord",
    "losenord",
    "lösenordlösenord",
    "losenordlosenord",
    "master",
    "microsoft",
    "monkey",
    "password",
    "passwordpassword",
    "partnercenter",
    "princess",
    "qazwsxedcrfv",
    "qwerty",
    "qwertyqwerty",
    "qwertyuiop",
    "qwertyuiopas",
    "qwertyuiopasdfgh",
    "qwertyuiopå",
    "secret",
    "sommar",
    "sommarsommar",
    "stockholm",
    "summer",
    "superman",
    "sunshine",
    "trustno",
    "välkommen",
    "valkommen",
    "welcome",
    "welcomewelcome",
    "winter",
    "borgen",
    "borgenborgen",
    "zxcvbnm",
    "zaqxswcdevfr",
    "123456789012",
    "1234567890123",
    "12345678901234",
    "1234567890ab",
    "123456abcdef",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "q1w2e3r4t5y6",
    "987654321098",
    "112233445566",
    "147258369147",
    "aa123456789",
    "a1b2c3d4e5f6",
];

/// What tries are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// The name that was typed, whether anybody has it or not.
    Name,
    /// The address they come from, behind which many may sit.
    Address,
}

/// The waits after this many failures in a row and more, in seconds; the last one stays.
const WAITS_SECONDS: [i64; 5] = [60, 120, 240, 480, 900];

/// How long the next try has to wait after this many tries that failed (ASVS: five, then up to a quarter of an hour).
#[must_use]
pub fn wait_after(failures: u64, counted_by: CountedBy) -> SignedDuration {
    let free = match counted_by {
        CountedBy::Name => 5,
        CountedBy::Address => 30,
    };
    let Some(beyond) = failures.checked_sub(free) else { return SignedDuration::ZERO };
    let place = usize::try_from(beyond).unwrap_or(usize::MAX);
    let seconds = WAITS_SECONDS.get(place).or(WAITS_SECONDS.last()).copied().unwrap_or_default();
    SignedDuration::from_secs(seconds)
}

/// A sign-in name as it is compared: without case and without space around it.
#[must_use]
pub fn compared_name(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Role, Scope};
    use crate::sealed::Retention;
    use std::collections::BTreeMap;

    #[test]
    fn a_password_is_long_enough_not_common_and_without_the_name() {
        let weigh = |password: &str| weigh_password(password, &["Åsa Ekström", "asa.ekstrom@example.com"]);
        assert_eq!(weigh("kort lösen"), Err(WeakPassword::TooShort));
        assert_eq!(weigh(&"ab cd ef ".repeat(40)), Err(WeakPassword::TooLong));
        assert_eq!(weigh("Password2026!"), Err(WeakPassword::Common));
        assert_eq!(weigh("qwertyuiopas"), Err(WeakPassword::Common));
        assert_eq!(weigh("aaaaaaaaaaaaaaaa"), Err(WeakPassword::Common));
        assert_eq!(weigh("alltid EKSTRÖM först"), Err(WeakPassword::HasName));
        assert_eq!(weigh("min ekstrom är grön"), Err(WeakPassword::HasName));
        assert_eq!(weigh("fyra gröna elefanter"), Ok(()));
        assert_eq!(weigh("Tvåhundra gröna elefanter 2026"), Ok(()), "a word of a name must be of some length");
    }

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour_and_stay() {
        let minutes: Vec<_> = (0..12).map(|failures| wait_after(failures, CountedBy::Name).as_mins()).collect();
        assert_eq!(minutes, [0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]);
        assert_eq!(wait_after(29, CountedBy::Address), SignedDuration::ZERO);
        assert_eq!(wait_after(u64::MAX, CountedBy::Address).as_mins(), 15);
    }

    #[test]
    fn nobody_makes_tokens_for_a_person_or_for_who_may_approve() {
        let machine = |role: Role| UserFile {
            name: Sealed::from_ciphertext(Retention::Contact, String::new()),
            roles: BTreeSet::from([role]),
            scope: Scope::All,
            active: true,
            tokens: BTreeMap::new(),
            credentials: Box::default(),
            approves_up_to: None,
            desk: Box::default(),
            has_checked_journal: false,
        };
        assert!(takes_tokens_from_others(&machine(Role::Auditor)));
        assert!(!takes_tokens_from_others(&machine(Role::AdminAgent)));
        let mut person = machine(Role::Auditor);
        person.credentials.totp = Some(Sealed::from_ciphertext(Retention::Contact, String::new()));
        assert!(!takes_tokens_from_others(&person));
    }

    #[test]
    fn a_link_is_good_until_it_ends_and_only_the_last_one() {
        let now: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
        let (old, new) = (Hash::of(b"old"), Hash::of(b"new"));
        let mut credentials = Credentials::default();
        for link in [old, new] {
            let sign_in = Sealed::from_ciphertext(Retention::Contact, String::new());
            let expires = now + SignedDuration::from_mins(LINK_MINUTES);
            credentials.invited(&UserInvited { sign_in, lookup: Token(uuid::Uuid::nil()), link, expires });
        }
        assert!(credentials.admits(new, now));
        assert!(!credentials.admits(old, now));
        assert!(!credentials.admits(new, now + SignedDuration::from_mins(LINK_MINUTES)));
    }
}
