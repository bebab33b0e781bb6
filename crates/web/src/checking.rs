//! Checking the journal from here: everything that is sealed is read as an export is, and every chain, position, root and
//! signature is reckoned anew. It says nothing about what only a checkpoint that was kept elsewhere can show; the command
//! line does.

use crate::acts::{on_own, told};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use domain::body::Body;
use domain::ids::AccountKind;
use domain::people::JournalChecked;
use serde::Serialize;
use std::io::BufReader;
use store::{Report, VerifyingKey, verify};
use tokio_util::io::SyncIoBridge;

/// The most facts that are checked while somebody waits for the answer; more are for the command line.
const MAX_CHECKED_FACTS: u64 = 200_000;
/// How much of the journal is read ahead of the check, in bytes.
const READ_AHEAD_BYTES: usize = 256 * 1024;
/// The most findings that are told.
const MAX_TOLD: usize = 20;

/// What checking the journal found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JournalCheck {
    /// How many facts were checked.
    pub(crate) facts: u64,
    /// Of how many accounts.
    pub(crate) accounts: u64,
    /// How many of the facts a signed checkpoint covers; the rest is not signed yet.
    pub(crate) signed: u64,
    /// The root over all of them.
    pub(crate) root: String,
    /// What is wrong, in plain words; the first of it.
    pub(crate) findings: Vec<String>,
    /// How much is wrong in all.
    pub(crate) wrong: u64,
}

/// Checks the journal as far as it is sealed, and records that it was checked.
#[utoipa::path(post, path = "/audit:check", tag = "audit", operation_id = "checkJournal",
    responses((status = 200, description = "What was found.", body = JournalCheck)))]
pub(crate) async fn check(State(app): State<App>, session: Session) -> Result<Json<JournalCheck>, Problem> {
    checked(&app, &session).await.map(Json)
}

/// Checks the journal, for programs and for people alike.
pub(crate) async fn checked(app: &App, session: &Session) -> Result<JournalCheck, Problem> {
    let key = app.presentation.journal_key.ok_or(Code::NotFound)?;
    let size = app.desk.store.last_checkpoint().await?.map_or(0, |checkpoint| checkpoint.size);
    if size > MAX_CHECKED_FACTS {
        return Err(Problem::from(Code::TooMany).with("limit", MAX_CHECKED_FACTS.to_string()));
    }
    let report = report(app, key).await?;
    let told_findings = u64::try_from(report.findings.len()).unwrap_or(u64::MAX);
    let check = JournalCheck {
        facts: report.facts,
        accounts: report.accounts,
        signed: report.signed,
        root: report.root.to_string(),
        findings: report.findings.iter().take(MAX_TOLD).map(|fault| fault.what.to_string()).collect(),
        wrong: told_findings.saturating_add(report.further),
    };
    let done = JournalChecked { facts: report.facts, root: report.root, findings: check.wrong };
    on_own(app, session.caller.user, AccountKind::User, None, |view| {
        Ok(vec![told(session, view.at, Body::JournalChecked(done))])
    })
    .await?;
    Ok(check)
}

/// Reads the journal as an export and checks it on the way: neither is ever in memory as a whole.
async fn report(app: &App, key: VerifyingKey) -> Result<Report, Problem> {
    let (mut writer, reader) = tokio::io::duplex(READ_AHEAD_BYTES);
    let reader = SyncIoBridge::new(reader);
    let checking = tokio::task::spawn_blocking(move || verify(BufReader::new(reader), &key, None));
    let exported = app.desk.store.export(&mut writer).await;
    // The end of what is written is the end of what is checked.
    drop(writer);
    let report = checking.await.map_err(|error| Problem::internal(&error))?;
    exported?;
    report.map_err(|error| Problem::internal(&error))
}
