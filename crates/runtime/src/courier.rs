//! The courier: carries what one account's fact means for others. It follows the feed from where it stopped; each
//! delivery names its cause, so that a repeat is harmless.

use crate::aside;
use crate::pace::repeat;
use crate::supervisor::TaskError;
use crate::tools::Tools;
use desk::DeskError;
use domain::body::Body;
use domain::cases::IncidentJoined;
use domain::containment::PermitLifted;
use domain::fact::{Fact, NewFact, StoredFact};
use domain::file::AccountFile;
use domain::ids::{AccountId, AccountKind, Actor};
use domain::people::{CapLifted, IncidentDeclared};
use domain::permission::Scope;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::convert::Infallible;
use store::rows;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many facts one pass reads.
pub const MAX_FACTS_PER_PASS: u32 = 500;
/// The wait at the end of the feed.
const IDLE: SignedDuration = SignedDuration::from_millis(500);
/// The name of the place in the feed.
const CURSOR: &str = "courier";
/// The name of the first place whose fact this release can't read; another one goes on from there.
const UNREAD: &str = "courier:unread";
/// How many pages of actions under way are looked through when a cap is lifted.
const MAX_ACTION_PAGES: u32 = 1_000;
/// Actions of one page.
const ACTIONS_PER_PAGE: u32 = 200;

/// Why a delivery failed.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The desk could not record.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

/// Delivers what the next facts of the feed mean for others. Returns how many facts were read.
pub async fn run_once(tools: &Tools) -> Result<usize, CourierError> {
    let after = tools.store().cursor(CURSOR).await?.and_then(|at| at.parse().ok()).unwrap_or(0);
    let entries = tools.store().feed(after, MAX_FACTS_PER_PASS).await?;
    for entry in &entries {
        match deliver(tools, &entry.fact).await {
            Err(CourierError::Desk(error)) if aside::is_the_accounts(&error) => {
                aside::passed_over("courier", entry.fact.account, &error);
                come_back(tools, entry.position).await?;
            }
            delivered => delivered?,
        }
    }
    if let Some(last) = entries.last() {
        // Only after the deliveries: what is told twice is one fact.
        tools.store().set_cursor(CURSOR, &last.position.to_string()).await?;
    }
    Ok(entries.len())
}

/// Remembers a place whose fact can't be read, unless an earlier one is remembered.
async fn come_back(tools: &Tools, position: u64) -> Result<(), CourierError> {
    if unread(tools).await?.is_none() {
        tools.store().set_cursor(UNREAD, &position.to_string()).await?;
    }
    Ok(())
}

async fn unread(tools: &Tools) -> Result<Option<u64>, CourierError> {
    Ok(tools.store().cursor(UNREAD).await?.and_then(|at| at.parse().ok()))
}

/// Goes back to the first place that could not be read: a later release may run now. What was delivered since is told
/// again, and is one fact.
pub async fn go_back(tools: &Tools) -> Result<(), CourierError> {
    let Some(position) = unread(tools).await? else { return Ok(()) };
    tools.store().set_cursor(CURSOR, &position.saturating_sub(1).to_string()).await?;
    tools.store().set_cursor(UNREAD, "").await?;
    Ok(())
}

async fn deliver(tools: &Tools, stored: &StoredFact) -> Result<(), CourierError> {
    if !matches!(stored.kind.as_str(), "incident.declared" | "cap.lifted") {
        return Ok(());
    }
    let fact = Fact::read(stored.account, stored.version, &stored.bytes).map_err(DeskError::from)?;
    match &fact.body {
        Body::IncidentDeclared(declared) => join(tools, fact.actor, declared).await,
        Body::CapLifted(lifted) => lift(tools, fact.actor, fact.version, lifted).await,
        _ => Ok(()),
    }
}

async fn join(tools: &Tools, actor: Actor, declared: &IncidentDeclared) -> Result<(), CourierError> {
    for (customer, case) in &declared.cases {
        // A case of an account that does not exist would give birth to it.
        if tools.store().head(*customer).await?.is_none() {
            continue;
        }
        let joined = NewFact {
            happened: tools.now(),
            actor,
            source_key: Some(format!("incident:{}:{case}", declared.incident)),
            body: Body::IncidentJoined(IncidentJoined { incident: declared.incident, case: *case }),
        };
        let facts = vec![joined];
        match tools.desk.record(*customer, AccountKind::Customer, facts.clone()).await {
            Err(error) if aside::is_the_accounts(&error) => {
                aside::passed_over("courier", *customer, &error);
                aside::put(tools, "courier", *customer, &facts).await?;
            }
            recorded => drop(recorded?),
        }
    }
    Ok(())
}

/// Tells every customer whose step waits for the cap. The lift itself was written with the partner's fact. Whose
/// account can't be written to is passed over: its step is tried again by itself when the hour turns.
async fn lift(tools: &Tools, actor: Actor, cause: u64, lifted: &CapLifted) -> Result<(), CourierError> {
    for customer in under_way(tools).await? {
        let told = tools.desk.act(customer, AccountKind::Customer, |view| {
            let told = NewFact {
                happened: view.at,
                actor,
                source_key: Some(format!("lift:{}:{cause}", lifted.permit)),
                body: Body::PermitLifted(PermitLifted { permit: lifted.permit.clone() }),
            };
            Ok::<_, Infallible>(if is_blocked(view.file, &lifted.permit) { vec![told] } else { Vec::new() })
        });
        match told.await {
            Ok(_) => {}
            Err(desk::ActError::Desk(error)) if aside::is_the_accounts(&error) => {
                aside::passed_over("courier", customer, &error);
            }
            Err(desk::ActError::Desk(error)) => return Err(error.into()),
            Err(desk::ActError::Refused(never)) => match never {},
        }
    }
    Ok(())
}

/// A customer waits for a cap when it is blocked and the cap is its connection's.
fn is_blocked(file: &AccountFile, permit: &str) -> bool {
    let Some(customer) = file.customer() else { return false };
    let connection = customer.holdings.identity.as_ref().map(|identity| identity.connection.to_string());
    customer.blocked_until.is_some() && connection.is_some_and(|connection| permit.ends_with(&connection))
}

async fn under_way(tools: &Tools) -> Result<BTreeSet<AccountId>, CourierError> {
    let filter = rows::Filter { status: "released".to_owned(), ..rows::Filter::default() };
    let mut customers = BTreeSet::new();
    let mut after = None;
    for _ in 0..MAX_ACTION_PAGES {
        let page = rows::actions::list(tools.store(), &Scope::All, &filter, after.as_ref(), ACTIONS_PER_PAGE).await?;
        customers.extend(page.items.iter().map(|listed| listed.account));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(customers)
}

/// Makes passes until `stop`.
pub async fn run(tools: Tools, stop: CancellationToken) -> Result<(), TaskError> {
    go_back(&tools).await?;
    let pass = || async {
        let read = run_once(&tools).await;
        read.map(|read| if read == 0 { IDLE } else { SignedDuration::ZERO })
    };
    repeat(&tools, &stop, &Notify::new(), pass).await
}
