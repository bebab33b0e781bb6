//! The first people: links for one use, by which a person alone chooses how to sign in, handed out by whoever sets the
//! program up. Later ones are made in the interface, by who manages users.

use crate::setup::SetupError;
use crate::tools::{Tools, later};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::body::Body;
use domain::credentials::{LINK_MINUTES, SIGN_IN_NAME_PURPOSE, TotpChanged, UserInvited, compared_name};
use domain::fact::NewFact;
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::permission::Role;
use domain::sealed::Retention;
use jiff::{SignedDuration, Timestamp};
use store::rows;
use store::rows::users::Entry;

/// Random bytes of a link: 256 bits.
const LINK_BYTES: usize = 32;
/// Users that are looked through for administrators who sign in already.
const MAX_LOOKED_AT: u32 = 1_000;

/// A link for one use. It is shown once; only its digest is kept.
#[derive(Clone)]
pub struct Link {
    /// The person it is for.
    pub user: AccountId,
    /// Where a browser goes with it, below the program's address.
    pub path: String,
    /// When it ends.
    pub expires: Timestamp,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("user", &self.user).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Makes a link for a user who does not sign in yet, under this name; links before it end. `now` is the wall's time.
pub async fn invite(tools: &Tools, user: AccountId, name: &str, now: Timestamp) -> Result<Link, SetupError> {
    let sign_in = tools.vault.seal(user, Retention::Contact, &name.to_owned()).await?;
    let lookup = tools.vault.token(SIGN_IN_NAME_PURPOSE, &compared_name(name));
    let mut random = [0; LINK_BYTES];
    tools.entropy.fill(&mut random);
    let secret = format!("{}.{}", user.0.as_simple(), URL_SAFE_NO_PAD.encode(random));
    let (link, expires) = (Hash::of(secret.as_bytes()), later(now, SignedDuration::from_mins(LINK_MINUTES)));
    let invited = tools.desk.act(user, AccountKind::User, |view| {
        match &view.file.part {
            Part::User(invited) if invited.credentials.password.is_none() => {}
            _ => return Err(SetupError::NotThere { kind: "user who does not sign in yet", account: user }),
        }
        let body = Body::UserInvited(UserInvited { sign_in: sign_in.clone(), lookup, link, expires });
        Ok(vec![NewFact { happened: view.at, actor: Actor::Program, source_key: None, body }])
    });
    invited.await?;
    Ok(Link { user, path: format!("/welcome/{secret}"), expires })
}

/// Links for the administrators of both kinds, as long as nobody of that role signs in: so that an installation can
/// always be entered by who runs it, and by nobody else once it was.
pub async fn first_links(tools: &Tools, now: Timestamp) -> Result<Vec<(Role, Link)>, SetupError> {
    let filter = rows::Filter { status: "active".to_owned(), ..rows::Filter::default() };
    let users = rows::users::list(tools.store(), &filter, None, MAX_LOOKED_AT).await?.items;
    let mut links = Vec::new();
    for role in [Role::GlobalAdministrator, Role::UserAdministrator] {
        let of_role = || users.iter().filter(|user| user.row.roles.contains(&role));
        if of_role().any(|user| matches!(user.row.entry, Entry::Local | Entry::Entra)) {
            continue;
        }
        // Only who was asked in when the program was set up is asked in again.
        if let Some(user) = of_role().find(|user| user.row.entry == Entry::Invited) {
            let file = tools.desk.file(user.account).await?;
            if matches!(&file.part, Part::User(user) if user.credentials.link.is_some_and(|link| now < link.expires)) {
                continue;
            }
            let name = match &user.row.sign_in {
                Some(sealed) => tools.vault.open(user.account, sealed).await?,
                None => None,
            };
            let name = name.unwrap_or_else(|| role.word().to_owned());
            links.push((role, invite(tools, user.account, &name, now).await?));
        }
    }
    Ok(links)
}

/// Gives a made-up person of the demonstration the secret of its one-time codes.
pub async fn give_totp(tools: &Tools, user: AccountId, secret: &str) -> Result<(), SetupError> {
    let secret = tools.vault.seal(user, Retention::Contact, &secret.to_owned()).await?;
    let body = Body::TotpChanged(TotpChanged { secret });
    let fact = NewFact { happened: tools.now(), actor: Actor::Program, source_key: None, body };
    tools.desk.record(user, AccountKind::User, vec![fact]).await?;
    Ok(())
}
