//! The attacker's pen: an export taken apart into lines, changed, and put together again, either as it is or with every
//! hash, position, root and signature made anew that the attacker is able to make.

use domain::fact::chained;
use domain::ids::{AccountId, Hash};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use store::tree::{Frontier, leaf_hash};
use store::{Checkpoint, Signer};

/// An export as lines.
#[derive(Clone)]
pub(crate) struct Export(pub(crate) Vec<Value>);

impl Export {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        Self(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
    }

    /// The lines of facts, by their number in the file.
    pub(crate) fn facts(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|line| self.0[*line].get("fact").is_some()).collect()
    }

    /// Changes a fact's text.
    pub(crate) fn edit(&mut self, line: usize, from: &str, to: &str) {
        let bytes = self.0[line]["fact"]["bytes"].as_str().unwrap();
        assert!(bytes.contains(from), "{bytes}");
        self.0[line]["fact"]["bytes"] = json!(bytes.replace(from, to));
    }

    /// Numbers positions and versions anew, chains every account anew, and counts the facts at the end anew: all that
    /// can be done without the signing key.
    pub(crate) fn chained_anew(mut self) -> Self {
        let mut frontier = Frontier::default();
        let mut accounts: HashMap<String, (u64, Hash)> = HashMap::new();
        for line in &mut self.0 {
            if let Some(fact) = line.get_mut("fact") {
                let account = fact["account"].as_str().unwrap().to_owned();
                let (version, before) = accounts.get(&account).copied().unwrap_or_default();
                let (old, new) = (format!("\"version\":{}", fact["version"]), format!("\"version\":{}", version + 1));
                let bytes = fact["bytes"].as_str().unwrap().replacen(&old, &new, 1);
                let hash = chained(before, bytes.as_bytes());
                frontier.push(leaf_hash(&hash.0));
                accounts.insert(account, (version + 1, hash));
                fact["position"] = json!(frontier.size());
                fact["version"] = json!(version + 1);
                fact["before"] = json!(before);
                fact["hash"] = json!(hash);
                fact["bytes"] = json!(bytes);
            } else if let Some(trailer) = line.get_mut("trailer") {
                *trailer = json!({"facts": frontier.size(), "root": frontier.root()});
            }
        }
        self
    }

    /// Signs the checkpoints anew over what is before them now: what only the holder of a signing key can do.
    pub(crate) fn signed_anew(mut self, signer: &Signer) -> Self {
        let mut frontier = Frontier::default();
        for line in &mut self.0 {
            if let Some(fact) = line.get("fact") {
                let hash: Hash = fact["hash"].as_str().unwrap().parse().unwrap();
                frontier.push(leaf_hash(&hash.0));
            } else if let Some(checkpoint) = line.get_mut("checkpoint") {
                let old = Checkpoint::parse(checkpoint["note"].as_str().unwrap()).unwrap();
                let new = Checkpoint::sign(&old.origin, frontier.size(), frontier.root(), old.at, signer);
                checkpoint["note"] = json!(new.note);
            }
        }
        self
    }

    /// Puts a fact of an account after a line, with the text and time given.
    pub(crate) fn insert(&mut self, after: usize, account: AccountId, at: Timestamp) {
        let bytes =
            json!({"account": account, "version": 1, "at": at, "body": "it was agreed on the phone"}).to_string();
        let hash = chained(Hash::default(), bytes.as_bytes());
        let fact = json!({"position": 1, "account": account, "version": 1, "before": Hash::default(), "hash": hash, "bytes": bytes});
        self.0.insert(after + 1, json!({ "fact": fact }));
    }
}
