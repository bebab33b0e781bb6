//! `borgen admin erase`: makes personal data of an account unreadable for ever, by erasing the key they are sealed
//! with. It works on the store and the vault themselves, in the name of the person whose token is shown, and stands in
//! the journal before and after.

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::table::{Column, at};
use crate::wiring::opening;
use anyhow::Context;
use clap::{Args, ValueEnum};
use domain::body::Body;
use domain::erasure::{ErasureDone, ErasureOrdered};
use domain::fact::NewFact;
use domain::file::Part;
use domain::ids::{AccountId, AccountKind, Actor, Hash};
use domain::permission::{Role, Scope};
use domain::sealed::Retention;
use runtime::Tools;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};

/// How many facts are read at once.
const FACTS_PAGE: u32 = 1_000;
/// The most facts that are looked through for what becomes unreadable.
const MAX_FACTS: u64 = 10_000_000;
/// How deep a fact is looked into.
const MAX_DEPTH: usize = 32;
/// The longest typed answer.
const MAX_ANSWER_BYTES: u64 = 200;
/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 2_000;

/// Erasing.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The account: a customer, a user, a connection
    #[arg(long, value_parser = forms::typed::<AccountId>)]
    account: AccountId,
    /// The class of data; may be given several times
    #[arg(long = "class", value_enum, required = true)]
    classes: Vec<ClassWord>,
    /// Why, in your words; it is kept sealed in the journal
    #[arg(long)]
    reason: String,
    /// Only show what becomes unreadable
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do it, without a typed confirmation
    #[arg(long, short)]
    yes: bool,
}

/// The classes of personal data, each with keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum ClassWord {
    /// Names, mail and phone of people and companies.
    Contact,
    /// Raw events, addresses, user names, notes.
    Evidence,
    /// What registries and bureaus said.
    Screening,
    /// Accounting records.
    Billing,
}

impl ClassWord {
    const fn retention(self) -> Retention {
        match self {
            Self::Contact => Retention::Contact,
            Self::Evidence => Retention::Evidence,
            Self::Screening => Retention::Screening,
            Self::Billing => Retention::Billing,
        }
    }
}

const UNREADABLE: &[Column] = &[
    Column { heading: "column-class", cell: |item, console| console.word(&at(item, "class")) },
    Column { heading: "column-fact", cell: |item, _| at(item, "kind") },
    Column { heading: "column-values", cell: |item, _| at(item, "values") },
];

/// Runs the command.
pub(crate) async fn run(console: &Console, command: Erase) -> anyhow::Result<Exit> {
    let length = command.reason.trim().chars().count();
    if length == 0 || length > MAX_REASON_CHARS {
        return Err(console.fail(Exit::Usage, "erase-reason", &[("count", &MAX_REASON_CHARS)]));
    }
    let settings = console.settings()?;
    let token = settings.secret("client.token");
    let tools = opening::open(&settings, opening::clock()).await?.tools;
    let account = command.account;
    let Some(head) = tools.store().head(account).await? else {
        return Err(console.fail(Exit::NotFound, "replay-no-account", &[("account", &account)]));
    };
    let mut classes = command.classes.clone();
    classes.sort_unstable();
    classes.dedup();
    let found = unreadable(&tools, account, &classes).await?;
    show(console, account, &found)?;
    if command.dry_run {
        console.say("erase-shown", &[]);
        return Ok(Exit::Done);
    }
    let by = person(console, &tools, token.as_ref().map(ExposeSecret::expose_secret)).await?;
    if !command.yes && !confirmed(console, account)? {
        return Ok(Exit::Done);
    }
    for class in classes {
        let keys = erase(&tools, account, head.kind, class.retention(), command.reason.trim(), by).await?;
        console.say("erase-done", &[("class", &console.word(class.retention().word())), ("count", &keys)]);
    }
    console.say("erase-others", &[]);
    Ok(Exit::Done)
}

/// Orders it in the journal, erases the keys, and says in the journal that it was done. Should it break off in between,
/// the same again is harmless.
async fn erase(
    tools: &Tools,
    account: AccountId,
    kind: AccountKind,
    class: Retention,
    reason: &str,
    by: Actor,
) -> anyhow::Result<u32> {
    record(tools, account, kind, by, Body::ErasureOrdered(ErasureOrdered { class })).await?;
    let keys = u32::try_from(tools.vault.erase(account, class).await?).unwrap_or(u32::MAX);
    // Sealed only now: a key that is erased takes nothing with it that was said of the erasure.
    let reason = tools.vault.seal(account, Retention::Evidence, &reason.to_owned()).await?;
    let done = Body::ErasureDone(ErasureDone { class, keys, reason });
    record(tools, account, kind, by, done)
        .await
        .context("the keys are erased, the journal does not say so yet: run it again")?;
    Ok(keys)
}

async fn record(tools: &Tools, account: AccountId, kind: AccountKind, by: Actor, body: Body) -> anyhow::Result<()> {
    let fact = NewFact { happened: tools.now(), actor: by, source_key: None, body };
    tools.desk.record(account, kind, vec![fact]).await?;
    Ok(())
}

/// Who does it: a Global administrator who sees every customer, by the token that is set for the commands.
async fn person(console: &Console, tools: &Tools, token: Option<&str>) -> anyhow::Result<Actor> {
    let refused = || {
        let hint = Some(console.text("token-hint", &[]));
        console.failure(Exit::Denied, console.text("erase-who", &[]), hint)
    };
    let digest = Hash::of(token.ok_or_else(refused)?.as_bytes());
    let row = store::rows::users::token(tools.store(), digest).await?.ok_or_else(refused)?;
    // The row only says where to look: whether the token is good is in the user's own file.
    let Part::User(user) = tools.desk.file(row.account).await?.part else { return Err(refused()) };
    let issued = user.tokens.get(&row.row.token).filter(|issued| issued.digest == digest).ok_or_else(refused)?;
    let is_over = issued.expires.is_some_and(|expires| tools.now() >= expires);
    let may = user.roles.contains(&Role::GlobalAdministrator) && user.scope == Scope::All;
    if is_over || !user.active || !may { Err(refused()) } else { Ok(Actor::User(row.account)) }
}

/// What becomes unreadable: how many sealed values, by class and kind of fact.
async fn unreadable(
    tools: &Tools,
    account: AccountId,
    classes: &[ClassWord],
) -> anyhow::Result<BTreeMap<(&'static str, String), u64>> {
    let mut found: BTreeMap<(&'static str, String), u64> = BTreeMap::new();
    let mut after = 0;
    while after < MAX_FACTS {
        let page = tools.store().facts(account, after, FACTS_PAGE).await?;
        let Some(last) = page.last().map(|fact| fact.version) else { break };
        after = last;
        for stored in page {
            let fact: Value = serde_json::from_slice(&stored.bytes).unwrap_or_default();
            for class in classes.iter().map(|class| class.retention().word()) {
                let values = fact.get("body").map_or(0, |body| sealed_in(body, class, 0));
                if values > 0 {
                    *found.entry((class, stored.kind.clone())).or_default() += values;
                }
            }
        }
    }
    Ok(found)
}

/// How many values of a class lie sealed in a body: objects of exactly a class and a ciphertext (`domain::sealed`).
fn sealed_in(body: &Value, class: &str, depth: usize) -> u64 {
    match body {
        _ if depth > MAX_DEPTH => 0,
        Value::Object(members) if members.len() == 2 && members.contains_key("k") && members.contains_key("v") => {
            u64::from(members.get("k").and_then(Value::as_str) == Some(class))
        }
        Value::Object(members) => members.values().map(|inner| sealed_in(inner, class, depth + 1)).sum(),
        Value::Array(list) => list.iter().map(|inner| sealed_in(inner, class, depth + 1)).sum(),
        _ => 0,
    }
}

fn show(console: &Console, account: AccountId, found: &BTreeMap<(&'static str, String), u64>) -> anyhow::Result<()> {
    let items: Vec<Value> = found
        .iter()
        .map(|((class, kind), values)| json!({"account": account, "class": class, "kind": kind, "values": values}))
        .collect();
    if items.is_empty() && console.output == Output::Table {
        console.say("erase-nothing", &[]);
        return Ok(());
    }
    console.say("erase-what", &[("account", &account)]);
    console.list(&items, UNREADABLE)
}

/// Whether the person types the account's id. Where nobody can be asked, it is only shown.
fn confirmed(console: &Console, account: AccountId) -> anyhow::Result<bool> {
    if !console.can_ask() {
        console.say("erase-with-yes", &[]);
        return Ok(false);
    }
    let mut error = std::io::stderr().lock();
    write!(error, "{} ", console.text("erase-type", &[("account", &account)]))?;
    error.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().take(MAX_ANSWER_BYTES).read_line(&mut answer)?;
    let same = answer.trim() == account.to_string();
    if !same {
        console.say("erase-not-typed", &[]);
    }
    Ok(same)
}
