//! Users, and the tokens of users and connections by their digests.

use super::query::{self, Cursor, Filter, Listed, Page};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::body::Body;
use domain::credentials::Credentials;
use domain::file::Part;
use domain::ids::{AccountId, Hash, TokenId};
use domain::permission::{Role, Scope};
use domain::sealed::Sealed;
use domain::signals::Token;
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most people of one name who are looked at: those who left, and the one who is here.
const MAX_OF_ONE_NAME: u32 = 20;

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserRow {
    /// The person's name.
    pub name: Sealed<String>,
    /// The roles.
    pub roles: BTreeSet<Role>,
    /// Which customers the person sees.
    pub scope: Scope,
    /// Whether the person may come in at all.
    pub active: bool,
    /// The tokens that are good.
    pub tokens: Vec<TokenRow>,
    /// The name to sign in under; nothing for a machine, and for people of Entra ID.
    #[serde(default)]
    pub sign_in: Option<Sealed<String>>,
    /// How far the person has come with signing in.
    #[serde(default)]
    pub entry: Entry,
    /// The most money at stake that the person may approve; nothing is without limit.
    #[serde(default)]
    pub approves_up_to: Option<Money>,
}

/// How a user comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// By tokens only: nobody was asked in.
    #[default]
    Tokens,
    /// A link was handed out and is not used yet.
    Invited,
    /// By password and second factor.
    Local,
    /// By Entra ID.
    Entra,
}

impl Entry {
    /// The stable word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Invited => "invited",
            Self::Local => "local",
            Self::Entra => "entra",
        }
    }

    /// Whether no person has come in yet, so that one may be asked in.
    #[must_use]
    pub const fn is_not_here_yet(self) -> bool {
        matches!(self, Self::Tokens | Self::Invited)
    }

    fn of(credentials: &Credentials) -> Self {
        if credentials.entra.is_some() {
            Self::Entra
        } else if credentials.password.is_some() {
            Self::Local
        } else if credentials.sign_in.is_some() {
            Self::Invited
        } else {
            Self::Tokens
        }
    }
}

/// A token or key. Its text is nowhere; its digest is what it is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// The token.
    pub token: TokenId,
    /// SHA-256 of its text.
    pub digest: Hash,
    /// What it is for.
    pub label: String,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Part::User(user) = &step.after.part else { return Vec::new() };
    let tokens = user.tokens.values().map(|issued| TokenRow {
        token: issued.token,
        digest: issued.digest,
        label: issued.label.clone(),
        expires: issued.expires,
    });
    let row = UserRow {
        name: user.name.clone(),
        roles: user.roles.clone(),
        scope: user.scope.clone(),
        active: user.active,
        tokens: tokens.collect(),
        sign_in: user.credentials.sign_in.as_ref().map(|sign_in| sign_in.name.clone()),
        entry: Entry::of(&user.credentials),
        approves_up_to: user.approves_up_to,
    };
    let status = if user.active { "active" } else { "inactive" };
    let columns = Columns { status, ..Columns::default() };
    let mut rows = vec![step.row(Kind::User, &step.account.to_string(), columns, &row)];
    rows.extend(token_rows(step));
    rows.extend(step.facts.iter().filter_map(|fact| name_row(step, &fact.body)));
    rows
}

/// The row under which a person is found by the name that is typed. Whether it is still the person's, its file says.
fn name_row(step: &Step<'_>, body: &Body) -> Option<Statement> {
    let Body::UserInvited(invited) = body else { return None };
    let lookup = invited.lookup.0.to_string();
    let columns = Columns { status: "good", lookup: lookup.clone(), ..Columns::default() };
    Some(step.row(Kind::SignInName, &lookup, columns, &()))
}

/// The rows of tokens that the step handed out or took back.
pub(super) fn token_rows(step: &Step<'_>) -> Vec<Statement> {
    let of_body = |body: &Body| match body {
        Body::TokenIssued(issued) => {
            let row = TokenRow {
                token: issued.token,
                digest: issued.digest,
                label: issued.label.clone(),
                expires: issued.expires,
            };
            let columns = Columns { status: "good", lookup: issued.digest.to_string(), ..Columns::default() };
            Some(step.row(Kind::Token, &issued.token.to_string(), columns, &row))
        }
        Body::TokenRevoked(revoked) => Some(step.row(
            Kind::Token,
            &revoked.token.to_string(),
            Columns { status: "revoked", ..Columns::default() },
            // Nothing finds a revoked token by its digest any more.
            &serde_json::Value::Null,
        )),
        _ => None,
    };
    step.facts.iter().filter_map(|fact| of_body(&fact.body)).collect()
}

/// A page of users.
pub async fn list(
    store: &Store,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<UserRow>, StoreError> {
    query::list(store, Kind::User, &Scope::All, filter, after, limit).await
}

/// One user.
pub async fn get(store: &Store, user: AccountId) -> Result<Option<Listed<UserRow>>, StoreError> {
    query::get(store, Kind::User, &Scope::All, &user.to_string()).await
}

/// Who was asked in under a name. Whether it is still their name, and whether they may come in, their files say.
pub async fn asked_in_as(store: &Store, name: Token) -> Result<Vec<AccountId>, StoreError> {
    let found: Vec<Listed<()>> = query::lookup(store, Kind::SignInName, &name.0.to_string(), MAX_OF_ONE_NAME).await?;
    Ok(found.into_iter().map(|listed| listed.account).collect())
}

/// The token with a digest; `account` is the user or the connection it was handed to. A revoked one is not found,
/// an expired one is: the caller knows what time it is.
pub async fn token(store: &Store, digest: Hash) -> Result<Option<Listed<TokenRow>>, StoreError> {
    let found: Vec<Listed<Option<TokenRow>>> = query::lookup(store, Kind::Token, &digest.to_string(), 1).await?;
    let of_good = |listed: Listed<Option<TokenRow>>| {
        let Listed { account, id, version, row } = listed;
        row.map(|row| Listed { account, id, version, row })
    };
    Ok(found.into_iter().find_map(of_good))
}
