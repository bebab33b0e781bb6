//! The four people of the demonstration, one for each role of Partner Center. What they do, they do over REST.

use crate::console::Console;
use crate::remote::Remote;
use domain::ids::Actor;
use domain::permission::{Role, Scope};
use runtime::Tools;
use runtime::setup::{NewUser, add_user, issue_user_token};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long one of them waits for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A person at a keyboard.
#[derive(Debug)]
pub(crate) struct Person<'a> {
    /// What the person sends with.
    pub(crate) remote: Remote<'a>,
    token: SecretString,
}

impl Person<'_> {
    /// The token, for whoever tries the demonstration.
    pub(crate) fn token(&self) -> String {
        self.token.expose_secret().to_owned()
    }
}

/// The four.
#[derive(Debug)]
pub(crate) struct People<'a> {
    /// Approves, publishes, switches actions on, reads the journal.
    pub(crate) global_administrator: Person<'a>,
    /// Manages users.
    pub(crate) user_administrator: Person<'a>,
    /// Works on cases.
    pub(crate) admin_agent: Person<'a>,
    /// Looks after the money.
    pub(crate) billing_administrator: Person<'a>,
}

impl<'a> People<'a> {
    /// Adds the four and hands out their tokens.
    pub(crate) async fn hire(console: &'a Console, tools: &Tools, url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            global_administrator: hire(console, tools, url, "Greta Lind", Role::GlobalAdministrator).await?,
            user_administrator: hire(console, tools, url, "Ulf Sten", Role::UserAdministrator).await?,
            admin_agent: hire(console, tools, url, "Amina Ek", Role::AdminAgent).await?,
            billing_administrator: hire(console, tools, url, "Birger Holm", Role::BillingAdministrator).await?,
        })
    }
}

async fn hire<'a>(
    console: &'a Console,
    tools: &Tools,
    url: &str,
    name: &str,
    role: Role,
) -> anyhow::Result<Person<'a>> {
    let new = NewUser { name: name.to_owned(), roles: BTreeSet::from([role]), scope: Scope::All };
    let user = add_user(tools, new, Actor::Program).await?;
    let issued = issue_user_token(tools, user, "demo", None, Actor::Program).await?;
    let token = SecretString::from(issued.secret);
    Ok(Person { remote: Remote::new(console, url, Some(token.clone()), ANSWER_LIMIT)?, token })
}
