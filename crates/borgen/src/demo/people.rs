//! The four people of the demonstration, one for each role of Partner Center. What they do, they do over REST.

use crate::console::Console;
use crate::remote::Remote;
use anyhow::Context;
use desk::Clock;
use desk::seam::SystemClock;
use domain::ids::Actor;
use domain::permission::{Role, Scope};
use jiff::Timestamp;
use runtime::Tools;
use runtime::invitations::give_totp;
use runtime::setup::{NewUser, add_user, issue_user_token};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;
use web::totp;

/// How long one of them waits for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Bytes of a secret for one-time codes (RFC 4226: 160 bits).
const TOTP_BYTES: usize = 20;

/// A person at a keyboard.
#[derive(Debug)]
pub(crate) struct Person<'a> {
    /// What the person sends with.
    pub(crate) remote: Remote<'a>,
    token: SecretString,
    totp: SecretString,
    used_step: Mutex<i64>,
}

impl Person<'_> {
    /// The token, for whoever tries the demonstration.
    pub(crate) fn token(&self) -> String {
        self.token.expose_secret().to_owned()
    }

    /// The secret of the one-time codes, for whoever tries the demonstration.
    pub(crate) fn totp(&self) -> String {
        self.totp.expose_secret().to_owned()
    }

    /// Proves anew who it is, by a code that its app shows and that was not used before.
    pub(crate) async fn proof(&self) -> anyhow::Result<SecretString> {
        let clock = SystemClock::new();
        let step = {
            let mut used =
                self.used_step.lock().map_err(|_| anyhow::anyhow!("a person of the demonstration is gone"))?;
            *used = (totp::step_at(clock.now()) - 1).max(used.saturating_add(1));
            *used
        };
        // A code is good from one step before its own on.
        let from = Timestamp::from_second((step - 1) * totp::STEP_SECONDS)?;
        clock.sleep_until(from).await;
        let code = totp::code(self.totp.expose_secret(), step).context("the secret of the codes is no base 32")?;
        self.remote.reauthenticate(&code).await
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
    let mut random = [0; TOTP_BYTES];
    tools.entropy.fill(&mut random);
    let totp = totp::to_base_32(&random);
    give_totp(tools, user, &totp).await?;
    let remote = Remote::new(console, url, Some(token.clone()), ANSWER_LIMIT)?;
    Ok(Person { remote, token, totp: SecretString::from(totp), used_step: Mutex::new(0) })
}
