//! Checking an export with nothing but the file, the public key and, if there is one, a checkpoint that was kept
//! elsewhere. What can be wrong is in `verify/problem.rs`; how the file is made is in `export`.
//!
//! It reads line by line and keeps, for each account, only where its chain stands (about a hundred bytes). Without a
//! kept checkpoint it finds every change that breaks a chain, a position, a signed root or the order of times. Only with
//! one it finds a tail that was cut off together with its checkpoints, and a journal that was written anew as a whole by
//! whoever has the signing key.

mod problem;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::export::{EXPORT_FORMAT, FactLine, Line};
use crate::signer::VerifyingKey;
use crate::tree::{Frontier, leaf_hash};
use domain::fact::chained;
use domain::ids::{AccountId, Hash};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::io::{BufRead, Read as _};

pub use problem::{Fault, Problem, Proof, Report, VerifyError};

/// The longest line that is read, in bytes: a fact at its limit, every byte escaped.
const MAX_LINE_BYTES: u64 = 2 * 1024 * 1024;
/// Findings that are listed; further ones are counted.
pub const MAX_FINDINGS: usize = 1_000;

/// Checks an export. `kept` is a checkpoint that was kept elsewhere. What is wrong with the file is in the report; an
/// error means that the file could not be read, or that the kept checkpoint is not one of this key.
pub fn verify(mut export: impl BufRead, key: &VerifyingKey, kept: Option<&Checkpoint>) -> Result<Report, VerifyError> {
    if let Some(kept) = kept {
        kept.verify(key).map_err(VerifyError::Kept)?;
    }
    let mut check = Check::new(key, kept);
    let mut line = Vec::new();
    while read_line(&mut export, &mut line).map_err(|source| VerifyError::Read { line: check.line, source })? {
        check.line = check.line.saturating_add(1);
        if check.line == 1 {
            check.header(&line);
            continue;
        }
        match serde_json::from_slice::<Line>(&line) {
            _ if check.ended => check.found(Problem::AfterEnd),
            Ok(Line::Fact(fact)) => check.fact(&fact),
            Ok(Line::Checkpoint { note }) => check.checkpoint(&note),
            Ok(Line::Trailer { facts, root }) => check.trailer(facts, root),
            Ok(Line::Header { .. }) | Err(_) => check.found(Problem::Unreadable),
        }
    }
    Ok(check.end())
}

/// Reads one line; what goes beyond the limit is skipped, so that the line can't be understood and is reported.
fn read_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = from.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', line)?;
    if line.last() != Some(&b'\n') {
        from.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

/// Where the chain of an account stands.
struct Stand {
    version: u64,
    hash: Hash,
    at: Timestamp,
}

/// What a fact says of itself.
#[derive(Deserialize)]
struct Said {
    account: AccountId,
    version: u64,
    at: Timestamp,
}

struct Check<'a> {
    key: &'a VerifyingKey,
    kept: Option<&'a Checkpoint>,
    origin: Option<String>,
    accounts: HashMap<AccountId, Stand>,
    frontier: Frontier,
    /// The last position that was read.
    position: u64,
    latest: Timestamp,
    last_checkpoint: Option<Timestamp>,
    signed: u64,
    line: u64,
    ended: bool,
    proof: Proof,
    findings: Vec<Fault>,
    further: u64,
}

impl<'a> Check<'a> {
    fn new(key: &'a VerifyingKey, kept: Option<&'a Checkpoint>) -> Self {
        let mut check = Self {
            key,
            kept,
            origin: None,
            accounts: HashMap::new(),
            frontier: Frontier::default(),
            position: 0,
            latest: Timestamp::MIN,
            last_checkpoint: None,
            signed: 0,
            line: 0,
            ended: false,
            proof: Proof::unkept(),
            findings: Vec::new(),
            further: 0,
        };
        check.compare_kept();
        check
    }

    fn found(&mut self, what: Problem) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Fault { line: self.line, what });
        } else {
            self.further = self.further.saturating_add(1);
        }
    }

    fn header(&mut self, line: &[u8]) {
        match serde_json::from_slice::<Line>(line) {
            Ok(Line::Header { format: EXPORT_FORMAT, origin }) => {
                if let Some(kept) = self.kept.filter(|kept| kept.origin != origin) {
                    self.found(Problem::OtherStore { wanted: kept.origin.clone(), found: origin.clone() });
                }
                self.origin = Some(origin);
            }
            Ok(Line::Header { format, .. }) => self.found(Problem::Format(format)),
            Ok(_) | Err(_) => self.found(Problem::NoHeader),
        }
    }

    fn fact(&mut self, fact: &FactLine) {
        let (account, version) = (fact.account, fact.version);
        let expected = self.position.saturating_add(1);
        if fact.position != expected {
            self.found(Problem::Position { expected, found: fact.position });
        }
        self.position = fact.position;
        let stand = self.accounts.get(&account);
        let next = stand.map_or(0, |stand| stand.version).saturating_add(1);
        let last_hash = stand.map_or(Hash::default(), |stand| stand.hash);
        let last_at = stand.map_or(Timestamp::MIN, |stand| stand.at);
        if version != next {
            self.found(Problem::Version { account, expected: next, found: version });
        } else if fact.before != last_hash {
            self.found(Problem::Chain { account, version });
        }
        let hash = chained(fact.before, fact.bytes.as_bytes());
        if hash != fact.hash {
            self.found(Problem::Edited { account, version });
        }
        let mut at = last_at;
        match serde_json::from_str::<Said>(&fact.bytes) {
            Ok(said) if said.account == account && said.version == version => at = said.at,
            _ => self.found(Problem::Mislabelled { account, version }),
        }
        if at < last_at {
            self.found(Problem::ClockBack { account, version });
        }
        self.latest = self.latest.max(at);
        self.accounts.insert(account, Stand { version, hash: fact.hash, at: at.max(last_at) });
        // The leaf is made from the bytes, not from what the line says that its hash is.
        self.frontier.push(leaf_hash(&hash.0));
        self.compare_kept();
    }

    fn checkpoint(&mut self, note: &str) {
        let checkpoint = match Checkpoint::parse(note).and_then(|read| read.verify(self.key).map(|()| read)) {
            Ok(checkpoint) => checkpoint,
            Err(CheckpointError::OtherKey { size, .. }) => return self.found(Problem::OtherKey { size }),
            Err(CheckpointError::Changed { .. } | CheckpointError::Form(_)) => return self.found(Problem::Checkpoint),
        };
        if let Some(wanted) = self.origin.clone().filter(|origin| *origin != checkpoint.origin) {
            self.found(Problem::OtherStore { wanted, found: checkpoint.origin.clone() });
        }
        let count = self.frontier.size();
        if checkpoint.size != count {
            self.found(Problem::Count { signed: checkpoint.size, found: count });
        } else if checkpoint.root != self.frontier.root() {
            self.found(Problem::Root { size: count });
        } else {
            self.signed = count;
        }
        if self.last_checkpoint.is_some_and(|last| checkpoint.at < last) || checkpoint.at < self.latest {
            self.found(Problem::CheckpointClockBack { at: checkpoint.at });
        }
        self.last_checkpoint = Some(checkpoint.at);
    }

    fn trailer(&mut self, facts: u64, root: Hash) {
        self.ended = true;
        let count = self.frontier.size();
        if facts != count {
            self.found(Problem::Count { signed: facts, found: count });
        } else if root != self.frontier.root() {
            self.found(Problem::Root { size: facts });
        }
    }

    /// Compares with the kept checkpoint when as many facts have been read as it covers.
    fn compare_kept(&mut self) {
        let Some(kept) = self.kept.filter(|kept| kept.size == self.frontier.size()) else { return };
        if kept.root == self.frontier.root() {
            self.proof = Proof::Proven { size: kept.size, at: kept.at };
        } else {
            self.proof = Proof::rewritten(kept);
            self.found(Problem::Rewritten { size: kept.size, at: kept.at });
        }
    }

    fn end(mut self) -> Report {
        let facts = self.frontier.size();
        if !self.ended {
            self.found(Problem::NoEnd);
        }
        if let Some(kept) = self.kept.filter(|kept| kept.size > facts) {
            self.proof = Proof::truncated(kept, facts);
            self.found(Problem::Truncated { size: kept.size, at: kept.at, found: facts });
        }
        if !self.findings.is_empty() && matches!(self.proof, Proof::Proven { .. }) {
            self.proof = Proof::faulty();
        }
        Report {
            facts,
            accounts: u64::try_from(self.accounts.len()).unwrap_or(u64::MAX),
            last_position: self.position,
            signed: self.signed,
            root: self.frontier.root(),
            proven: self.proof,
            findings: self.findings,
            further: self.further,
        }
    }
}
