//! What is set up by people before anything runs: the first policy, connections and their intake keys, users and
//! their tokens, the switch for actions, the registration of the webhook. Secrets are returned once and kept nowhere.

use crate::connections::{Connection, context};
use crate::tools::Tools;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::{ActError, DeskError};
use domain::body::Body;
use domain::customers::Cloud;
use domain::fact::NewFact;
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Actor, Hash, TenantId, TokenId};
use domain::people::{
    ActionsSwitched, ConnectionAdded, MAX_TOKENS, PolicyPublished, TokenIssued, TokenRevoked, UserAdded,
};
use domain::permission::{Role, Scope};
use domain::sealed::Retention;
use jiff::Timestamp;
use microsoft::registration::WebhookWish;
use policy::Bundle;
use std::collections::BTreeSet;
use store::{StoreError, VaultError};

/// Random bytes in a key or token.
const SECRET_BYTES: usize = 32;
/// The longest label of a connection, key or token, in characters.
pub const MAX_LABEL_CHARS: usize = 100;
/// The events that are asked for at Microsoft.
const WEBHOOK_EVENTS: [&str; 3] = ["azure-fraud-event-detected", "subscription-updated", "test-created"];

/// Why something could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The desk could not record.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Microsoft did not answer, or refused.
    #[error(transparent)]
    Microsoft(#[from] microsoft::Error),
    /// The policy files do not pass the check.
    #[error("the policy files do not pass the check: {0}")]
    Policy(String),
    /// It is not there, or is something else.
    #[error("there is no {kind} with the account {account}")]
    NotThere {
        /// What was looked for.
        kind: &'static str,
        /// Under which account.
        account: AccountId,
    },
    /// There are too many.
    #[error("the account {0} has {MAX_TOKENS} keys or tokens already: revoke one first")]
    TooManyTokens(AccountId),
    /// The label is empty or too long.
    #[error("a label has 1 to {MAX_LABEL_CHARS} characters")]
    Label,
    /// It came between: somebody published at the same time.
    #[error("another policy was published at the same time: look at it and publish again")]
    PublishedMeanwhile,
}

impl From<ActError<SetupError>> for SetupError {
    fn from(error: ActError<SetupError>) -> Self {
        match error {
            ActError::Desk(error) => Self::Desk(error),
            ActError::Refused(error) => error,
        }
    }
}

/// A secret that was just made. It is shown once; only its digest is kept.
#[derive(Clone)]
pub struct Issued {
    /// The name under which it can be revoked.
    pub token: TokenId,
    /// Its text.
    pub secret: String,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Who a new user is.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The person's name; it is sealed.
    pub name: String,
    /// The roles.
    pub roles: BTreeSet<Role>,
    /// Which customers the person sees.
    pub scope: Scope,
}

/// Publishes the policy that ships with the program, unless one has been published. Returns its hash if it was.
pub async fn publish_default_policy(tools: &Tools, by: Actor) -> Result<Option<Hash>, SetupError> {
    if tools.desk.policies.refresh().await.map_err(DeskError::from)?.newest() > 0 {
        return Ok(None);
    }
    publish_policy(tools, &Bundle::embedded(), tools.now(), by).await.map(Some)
}

/// Publishes policy files that pass the check; they decide from `from` on.
pub async fn publish_policy(tools: &Tools, bundle: &Bundle, from: Timestamp, by: Actor) -> Result<Hash, SetupError> {
    if let Err(problems) = bundle.check() {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        return Err(SetupError::Policy(first));
    }
    let hash = bundle.hash();
    tools.store().put_bundle(hash, &bundle.to_bytes()).await?;
    let newest = tools.desk.policies.refresh().await.map_err(DeskError::from)?.newest();
    let epoch = newest.saturating_add(1);
    let published = tools.desk.act(AccountId::of_policy(), AccountKind::Policy, |view| {
        let known = match &view.file.part {
            Part::Policy(policy) => policy.timeline.last().map_or(0, |last| last.epoch),
            _ => 0,
        };
        if known != newest {
            return Err(SetupError::PublishedMeanwhile);
        }
        let body = Body::PolicyPublished(PolicyPublished { hash, from, epoch });
        Ok(vec![NewFact { happened: view.at, actor: by, source_key: None, body }])
    });
    published.await?;
    tools.desk.policies.refresh().await.map_err(DeskError::from)?;
    Ok(hash)
}

/// Adds a connection to a Partner Center tenant; does nothing when it is there. Returns its account.
pub async fn add_connection(
    tools: &Tools,
    partner_tenant: TenantId,
    cloud: Cloud,
    label: &str,
    by: Actor,
) -> Result<AccountId, SetupError> {
    let label = good_label(label)?;
    let account = AccountId::of_connection(partner_tenant, cloud.word());
    let added = tools.desk.act(account, AccountKind::Connection, |view| {
        if view.file.version > 0 {
            return Ok::<_, SetupError>(Vec::new());
        }
        let body = Body::ConnectionAdded(ConnectionAdded { partner_tenant, cloud, label: label.clone() });
        Ok(vec![NewFact { happened: view.at, actor: by, source_key: None, body }])
    });
    added.await?;
    Ok(account)
}

/// Adds a user. Returns its account.
pub async fn add_user(tools: &Tools, user: NewUser, by: Actor) -> Result<AccountId, SetupError> {
    let name = good_label(&user.name)?;
    let account = AccountId(tools.entropy.id(tools.now()));
    let name = tools.vault.seal(account, Retention::Contact, &name).await?;
    let body = Body::UserAdded(UserAdded { name, roles: user.roles, scope: user.scope });
    let fact = NewFact { happened: tools.now(), actor: by, source_key: None, body };
    tools.desk.record(account, AccountKind::User, vec![fact]).await?;
    Ok(account)
}

/// Makes an intake key for a connection.
pub async fn issue_intake_key(
    tools: &Tools,
    connection: AccountId,
    label: &str,
    expires: Option<Timestamp>,
    by: Actor,
) -> Result<Issued, SetupError> {
    issue(tools, connection, AccountKind::Connection, label, expires, by).await
}

/// Makes a token for a user.
pub async fn issue_user_token(
    tools: &Tools,
    user: AccountId,
    label: &str,
    expires: Option<Timestamp>,
    by: Actor,
) -> Result<Issued, SetupError> {
    issue(tools, user, AccountKind::User, label, expires, by).await
}

async fn issue(
    tools: &Tools,
    account: AccountId,
    kind: AccountKind,
    label: &str,
    expires: Option<Timestamp>,
    by: Actor,
) -> Result<Issued, SetupError> {
    let label = good_label(label)?;
    let mut random = [0; SECRET_BYTES];
    tools.entropy.fill(&mut random);
    let prefix = if kind == AccountKind::Connection { "borgen_intake_" } else { "borgen_user_" };
    let secret = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random));
    let token = TokenId(tools.entropy.id(tools.now()));
    let digest = Hash::of(secret.as_bytes());
    let issued = tools.desk.act(account, kind, |view| {
        let held = match (&view.file.part, kind) {
            (Part::Connection(connection), AccountKind::Connection) => connection.keys.len(),
            (Part::User(user), AccountKind::User) => user.tokens.len(),
            _ => return Err(SetupError::NotThere { kind: kind.word(), account }),
        };
        if held >= MAX_TOKENS {
            return Err(SetupError::TooManyTokens(account));
        }
        let body = Body::TokenIssued(TokenIssued { token, digest, label: label.clone(), expires });
        Ok(vec![NewFact { happened: view.at, actor: by, source_key: None, body }])
    });
    issued.await?;
    Ok(Issued { token, secret })
}

/// Takes back a key of a connection or a token of a user; does nothing when it is not there.
pub async fn revoke(
    tools: &Tools,
    account: AccountId,
    kind: AccountKind,
    token: TokenId,
    by: Actor,
) -> Result<(), SetupError> {
    let revoked = tools.desk.act(account, kind, |view| {
        let is_there = match &view.file.part {
            Part::Connection(connection) => connection.keys.contains_key(&token),
            Part::User(user) => user.tokens.contains_key(&token),
            _ => false,
        };
        let body = Body::TokenRevoked(TokenRevoked { token });
        let fact = NewFact { happened: view.at, actor: by, source_key: None, body };
        Ok::<_, SetupError>(if is_there { vec![fact] } else { Vec::new() })
    });
    revoked.await?;
    Ok(())
}

/// Switches actions of a connection on or off. While they are off, nothing is changed at Microsoft.
pub async fn switch_actions(tools: &Tools, connection: AccountId, on: bool, by: Actor) -> Result<(), SetupError> {
    let switched = tools.desk.act(connection, AccountKind::Connection, |view| {
        let Part::Connection(file) = &view.file.part else {
            return Err(SetupError::NotThere { kind: AccountKind::Connection.word(), account: connection });
        };
        if file.actions_on == on {
            return Ok(Vec::new());
        }
        let body = Body::ActionsSwitched(ActionsSwitched { on });
        Ok(vec![NewFact { happened: view.at, actor: by, source_key: None, body }])
    });
    switched.await?;
    Ok(())
}

/// Where Microsoft rings for a connection. `base` is the public address of the program.
#[must_use]
pub fn webhook_address(base: &str, connection: AccountId) -> String {
    format!("{}/webhooks/microsoft/{connection}", base.trim_end_matches('/'))
}

/// Registers the webhook of a connection at Microsoft, or brings the registration up to date. `base` is the public
/// address of the program, without a slash at its end.
pub async fn register_webhook(tools: &Tools, connection: &Connection, base: &str) -> Result<(), SetupError> {
    let call = || context(tools.now(), tools.entropy.key(), tools.entropy.key());
    let offered = connection.client.webhook_events(&call()).await?;
    let is_offered = |event: &&&str| offered.iter().any(|offered| offered.eq_ignore_ascii_case(event));
    let wish = WebhookWish {
        webhook_url: webhook_address(base, connection.account),
        webhook_events: WEBHOOK_EVENTS.iter().filter(is_offered).map(|event| (*event).to_owned()).collect(),
        signature_token_to_ms_signature_header: true,
    };
    match connection.client.webhook(&call()).await? {
        None => connection.client.register_webhook(&call(), &wish).await?,
        Some(known) if known.webhook_url.as_ref() == Some(&wish.webhook_url) && same(&known.webhook_events, &wish) => {
            return Ok(());
        }
        Some(_) => connection.client.update_webhook(&call(), &wish).await?,
    };
    Ok(())
}

fn same(known: &[String], wish: &WebhookWish) -> bool {
    let lower = |events: &[String]| events.iter().map(|event| event.to_ascii_lowercase()).collect::<BTreeSet<_>>();
    lower(known) == lower(&wish.webhook_events)
}

fn good_label(label: &str) -> Result<String, SetupError> {
    let label = label.trim();
    let length = label.chars().count();
    if length == 0 || length > MAX_LABEL_CHARS { Err(SetupError::Label) } else { Ok(label.to_owned()) }
}
