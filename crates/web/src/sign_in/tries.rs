//! Counting tries: by the name that was typed, whether anybody has it or not, and by the address they come from.

use crate::app::App;
use crate::problem::{Code, Problem};
use domain::credentials::{CountedBy, SIGN_IN_NAME_PURPOSE, compared_name, wait_after};
use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;
use store::Try;

/// After this long without another try they are forgotten, in hours.
const FORGOTTEN_HOURS: i64 = 1;

/// A try that may be made, until it went well.
#[derive(Debug)]
pub(crate) struct Counted {
    by_name: String,
    by_address: Option<String>,
}

/// Counts a try to sign in under a name, or says how long to wait. What is kept are keyed digests.
pub(crate) async fn begin(app: &App, name: &str, address: Option<IpAddr>) -> Result<Counted, Problem> {
    let by_name = format!("name:{}", app.vault.token(SIGN_IN_NAME_PURPOSE, &compared_name(name)).0);
    let by_address = address.map(|address| format!("address:{}", app.vault.token("address", &network(address)).0));
    if let Some(by_address) = &by_address {
        count(app, by_address, CountedBy::Address).await?;
    }
    count(app, &by_name, CountedBy::Name).await?;
    Ok(Counted { by_name, by_address })
}

/// Counts a try of somebody who is known already, as at a proof or a change of the password.
pub(crate) async fn begin_known(app: &App, user: domain::ids::AccountId) -> Result<Counted, Problem> {
    let by_name = format!("user:{user}");
    count(app, &by_name, CountedBy::Name).await?;
    Ok(Counted { by_name, by_address: None })
}

impl Counted {
    /// It went well. The address only gets this one try back: behind it others may be trying.
    pub(crate) async fn went_well(self, app: &App) -> Result<(), Problem> {
        app.desk.store.forget_tries(&self.by_name).await?;
        if let Some(by_address) = &self.by_address {
            app.desk.store.give_back_try(by_address).await?;
        }
        Ok(())
    }
}

async fn count(app: &App, name: &str, counted_by: CountedBy) -> Result<(), Problem> {
    let now = app.doors().clock.now();
    let later = |span| now.saturating_add(span).unwrap_or(Timestamp::MAX);
    let until = |failures| later(wait_after(failures, counted_by));
    let forgotten = later(SignedDuration::from_hours(FORGOTTEN_HOURS));
    match app.desk.store.begin_try(name, now, forgotten, until).await? {
        Try::Goes => Ok(()),
        Try::Waits(until) => {
            let seconds = until.duration_since(now).as_secs().max(1);
            let mut problem = Problem::from(Code::TooManyTries).with("seconds", seconds.to_string());
            problem.retry_after_seconds = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
            Err(problem)
        }
    }
}

/// What one customer of an internet provider has: the address, or with IPv6 the network of 64 bits.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [first, second, third, fourth, ..] = address.segments();
            format!("{first:x}:{second:x}:{third:x}:{fourth:x}")
        }
    }
}
