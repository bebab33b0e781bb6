//! The journal as it was exported and verified: what the summary is computed from. Nothing is read from the store.

use super::stage::Stage;
use super::waiting::until;
use crate::commands::audit::shown;
use crate::commands::replay::{Replayed, policy_of, replay_all};
use crate::table::at;
use anyhow::Context;
use domain::body::Body;
use domain::fact::Fact;
use domain::file::AccountFile;
use domain::ids::{AccountId, Hash};
use domain::policy::Policy;
use policy::Bundle;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, BufWriter, Seek as _, Write as _};
use std::sync::Arc;
use std::time::Duration;
use store::{Checkpoint, Report, verify};

/// The most facts of the customer of a story.
const MAX_FACTS: usize = 10_000;
/// The largest export that is read.
const MAX_EXPORT_BYTES: u64 = 1024 * 1024 * 1024;
/// How long the sealer may take to sign the last fact.
const SEAL_LIMIT: Duration = Duration::from_mins(1);

/// The journals of an export.
pub(super) struct Exported {
    /// Every account's facts, in order.
    pub(super) journals: BTreeMap<AccountId, Vec<Fact>>,
    report: Report,
    key: String,
}

impl Exported {
    /// Exports, as the Global administrator does, until the last fact of `customer` is covered by a checkpoint that was
    /// fetched before; then verifies against that checkpoint as if it had been kept elsewhere.
    pub(super) async fn of(stage: &Stage<'_>, customer: AccountId) -> anyhow::Result<Self> {
        let remote = &stage.people.global_administrator.remote;
        until(stage, "a signed checkpoint over the customer's last fact", SEAL_LIMIT, async || {
            let timeline = remote.list(&format!("/customers/{customer}/timeline?maxpagesize=1000"), MAX_FACTS).await?;
            let last = timeline.last().map(|fact| at(fact, "version")).unwrap_or_default();
            let note = match remote.get("/audit/checkpoint").await {
                Ok(checkpoint) => at(&checkpoint.body, "note"),
                Err(error) => return Ok(Err(error.to_string())),
            };
            // A file, as the command makes one: it may be longer than what should be held in memory.
            let mut export = tempfile::tempfile_in(stage.folder.path())?;
            let (mut bytes, mut file) = (0_u64, BufWriter::new(&mut export));
            let take = |piece: &[u8]| {
                bytes = bytes.saturating_add(u64::try_from(piece.len())?);
                anyhow::ensure!(bytes <= MAX_EXPORT_BYTES, "the export is larger than {MAX_EXPORT_BYTES} bytes");
                Ok(file.write_all(piece)?)
            };
            remote.stream("/audit/export", take).await?;
            file.flush()?;
            drop(file);
            let kept = Checkpoint::parse(&note).context("the checkpoint")?;
            export.rewind()?;
            let report = verify(BufReader::new(&mut export), &stage.key, Some(&kept))?;
            export.rewind()?;
            let (journals, positions) = read(BufReader::new(export))?;
            let covered = journals.get(&customer).and_then(|journal| journal.last()).is_some_and(|fact| {
                last == fact.version.to_string()
                    && positions.get(&(customer, fact.version)).is_some_and(|position| *position <= kept.size)
            });
            let found = Self { journals, report, key: stage.public_pem.clone() };
            Ok(if covered {
                Ok(found)
            } else {
                Err(format!("{} facts are signed, the customer is at {last}", kept.size))
            })
        })
        .await
    }

    /// One account's facts.
    pub(super) fn journal(&self, account: AccountId) -> &[Fact] {
        self.journals.get(&account).map_or(&[], Vec::as_slice)
    }

    /// What verifying found.
    pub(super) fn verified(&self) -> Value {
        let mut told = shown(&self.report);
        if let Value::Object(members) = &mut told {
            members.insert("key".to_owned(), json!(self.key));
        }
        told
    }

    /// How many facts there are, and of which kinds.
    pub(super) fn counted(&self) -> Value {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for fact in self.journals.values().flatten() {
            *kinds.entry(fact.body.kind()).or_default() += 1;
        }
        json!({"count": kinds.values().sum::<u64>(), "accounts": self.journals.len(), "kinds": kinds})
    }

    /// Makes every decision of every account again, under the policies that were published, and compares.
    pub(super) async fn replayed(&self, stage: &Stage<'_>) -> anyhow::Result<Replayed> {
        replay_all(&self.journals, &self.policies(stage).await?)
    }

    /// The policies that facts name, fetched by their hashes.
    async fn policies(&self, stage: &Stage<'_>) -> anyhow::Result<BTreeMap<Hash, Arc<Policy>>> {
        let mut hashes: BTreeSet<Hash> = self.journals.values().flatten().filter_map(|fact| fact.policy).collect();
        hashes.extend(self.journals.values().flatten().filter_map(|fact| match &fact.body {
            Body::PolicyAdopted(adopted) => Some(adopted.hash),
            _ => None,
        }));
        let mut policies = BTreeMap::new();
        for hash in hashes {
            let body = stage.people.global_administrator.remote.get(&format!("/policies/{hash}")).await?.body;
            let files = body.get("files").and_then(Value::as_object).into_iter().flatten();
            let bundle =
                Bundle::of(files.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.as_bytes().to_vec()))))?;
            anyhow::ensure!(bundle.hash() == hash, "the files under {hash} have the hash {}", bundle.hash());
            policies.insert(hash, policy_of(&bundle)?);
        }
        Ok(policies)
    }

    /// The file that an account's facts fold into.
    pub(super) fn file(&self, account: AccountId) -> AccountFile {
        desk::replay::fold(self.journal(account))
    }
}

type Read = (BTreeMap<AccountId, Vec<Fact>>, BTreeMap<(AccountId, u64), u64>);

/// The facts of an export by account, and the position of each.
fn read(export: impl BufRead) -> anyhow::Result<Read> {
    let (mut journals, mut positions): Read = (BTreeMap::new(), BTreeMap::new());
    for line in export.lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let Some(fact) = line.get("fact") else { continue };
        let account: AccountId = at(fact, "account").parse()?;
        let version = fact.get("version").and_then(Value::as_u64).context("a fact without a version")?;
        let position = fact.get("position").and_then(Value::as_u64).context("a fact without a position")?;
        let bytes = fact.get("bytes").and_then(Value::as_str).context("a fact without bytes")?;
        journals.entry(account).or_default().push(Fact::read(account, version, bytes.as_bytes())?);
        positions.insert((account, version), position);
    }
    Ok((journals, positions))
}
