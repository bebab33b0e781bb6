//! A checkpoint: how many facts there are and the root of the tree over them, signed, in the text form of C2SP's signed
//! notes and log checkpoints. Giving positions is the sealer's; checking an export against it is in `verify`.

use crate::error::StoreError;
use crate::signer::{Signer, VerifyingKey};
use crate::sql::{Row, Statement, Step, Written};
use crate::store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::Hash;
use ed25519_dalek::Signature;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The largest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 16 * 1024;
/// The number that stands for Ed25519 in the id of a key.
const ED25519: u8 = 1;
/// What a signature line begins with.
const SIGNATURE_MARK: &str = "\u{2014} ";

const LAST: &str = "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1";
const BETWEEN: &str = "SELECT note FROM checkpoint WHERE size > $1 AND size <= $2 ORDER BY size LIMIT $3";
const KEEP: &str =
    "INSERT INTO checkpoint (size, at, root, note) VALUES ($1, $2, $3, $4) ON CONFLICT (size) DO NOTHING";

/// A signed checkpoint. Its fields are what the note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The store that it is of.
    pub origin: String,
    /// How many facts it covers: those with the positions 1 to `size`.
    pub size: u64,
    /// The root of the tree over their hashes.
    pub root: Hash,
    /// When it was made; never before a fact that it covers or the checkpoint before it.
    pub at: Timestamp,
    /// The signed note, to be kept elsewhere as it is.
    pub note: String,
}

/// Why a text is no checkpoint, or not one of this key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text has another form.
    #[error("this is no checkpoint: {0}")]
    Form(&'static str),
    /// No signature of it was made with the key.
    #[error("the checkpoint of `{origin}` over {size} facts is not signed with this key")]
    OtherKey {
        /// The store it says that it is of.
        origin: String,
        /// How many facts it says that it covers.
        size: u64,
    },
    /// The signature is not over this text.
    #[error("the checkpoint of `{origin}` over {size} facts was changed after it was signed")]
    Changed {
        /// The store it says that it is of.
        origin: String,
        /// How many facts it says that it covers.
        size: u64,
    },
}

impl Checkpoint {
    /// Makes and signs a checkpoint.
    #[must_use]
    pub fn sign(origin: &str, size: u64, root: Hash, at: Timestamp, signer: &Signer) -> Self {
        let text = signed_text(origin, size, root, at);
        let note = sign_note(&text, origin, signer);
        Self { origin: origin.to_owned(), size, root, at, note }
    }

    /// Reads a note. Its signature is not looked at: [`Checkpoint::verify`] does that.
    pub fn parse(note: &str) -> Result<Self, CheckpointError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(CheckpointError::Form("it is too long"));
        }
        let (text, _) = split_note(note).ok_or(CheckpointError::Form("it has no signature"))?;
        let mut lines = text.lines();
        let origin =
            lines.next().filter(|line| is_name(line)).ok_or(CheckpointError::Form("the first line names no store"))?;
        let size = lines
            .next()
            .and_then(|line| line.parse().ok())
            .ok_or(CheckpointError::Form("the second line is no size"))?;
        let root =
            lines.next().and_then(|line| STANDARD.decode(line).ok()).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let root = Hash(root.ok_or(CheckpointError::Form("the third line is no root"))?);
        let at = lines.next().and_then(|line| line.strip_prefix("time ")).and_then(|at| at.parse().ok());
        let at = at.ok_or(CheckpointError::Form("the fourth line is no time"))?;
        // One text for one meaning: `007` is no size, and nothing else may stand in it.
        if text != signed_text(origin, size, root, at) {
            return Err(CheckpointError::Form("it is not written as checkpoints are"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, at, note: note.to_owned() })
    }

    /// Checks that the note was signed with this key, and says what the fields say.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), CheckpointError> {
        let (origin, size) = (self.origin.clone(), self.size);
        if Self::parse(&self.note)? != *self {
            return Err(CheckpointError::Changed { origin, size });
        }
        match verify_note(&self.note, &self.origin, key) {
            Signed::Yes => Ok(()),
            Signed::OverAnotherText => Err(CheckpointError::Changed { origin, size }),
            Signed::WithAnotherKey => Err(CheckpointError::OtherKey { origin, size }),
        }
    }
}

/// True for a text that may name a store: no spaces, no plus sign, something at all.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '+')
}

fn signed_text(origin: &str, size: u64, root: Hash, at: Timestamp) -> String {
    format!("{origin}\n{size}\n{}\ntime {at}\n", STANDARD.encode(root.0))
}

/// The text with its last line end, and the signature lines after the empty line.
fn split_note(note: &str) -> Option<(&str, &str)> {
    let at = note.rfind("\n\n")?;
    Some((note.get(..=at)?, note.get(at.checked_add(2)?..)?))
}

/// The first four bytes of SHA-256 over the name, a line end, the kind of key, and the key.
fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let hasher = Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}

fn sign_note(text: &str, name: &str, signer: &Signer) -> String {
    let mut signature = key_id(name, &signer.verifying_key()).to_vec();
    signature.extend(signer.sign(text));
    format!("{text}\n{SIGNATURE_MARK}{name} {}\n", STANDARD.encode(signature))
}

enum Signed {
    Yes,
    WithAnotherKey,
    OverAnotherText,
}

/// Looks for the signature of this name and key among those of the note; others (of witnesses) are passed over.
fn verify_note(note: &str, name: &str, key: &VerifyingKey) -> Signed {
    let Some((text, signatures)) = split_note(note) else {
        return Signed::WithAnotherKey;
    };
    let ours = signatures.lines().find_map(|line| {
        let (signer, encoded) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        (signer == name && *id == key_id(name, key)).then(|| Signature::from_slice(signature).ok())
    });
    match ours {
        None => Signed::WithAnotherKey,
        Some(Some(signature)) if key.verify_strict(text.as_bytes(), &signature).is_ok() => Signed::Yes,
        Some(_) => Signed::OverAnotherText,
    }
}

fn read(row: &Row) -> Result<Checkpoint, StoreError> {
    Checkpoint::parse(row.text(0)?).map_err(|error| StoreError::Damaged(error.to_string()))
}

impl Store {
    /// Signs a checkpoint over everything that has a position, and keeps it. `None` when there is nothing new since the
    /// last one. A clock that was set back does not set checkpoints back.
    pub async fn checkpoint(&self, now: Timestamp, signer: &Signer) -> Result<Option<Checkpoint>, StoreError> {
        let origin = &self.config().origin;
        if !is_name(origin) {
            return Err(StoreError::Damaged(format!(
                "`{origin}` can't be the origin of checkpoints: it has a space, or is empty"
            )));
        }
        let sealed = self.sealed().await?;
        let last = self.last_checkpoint().await?;
        if sealed.frontier.size() <= last.as_ref().map_or(0, |last| last.size) {
            return Ok(None);
        }
        let at = last.map_or(now, |last| now.max(last.at)).max(sealed.latest);
        let made = Checkpoint::sign(origin, sealed.frontier.size(), sealed.frontier.root(), at, signer);
        let args = [made.size.into(), made.at.into(), made.root.into(), made.note.as_str().into()];
        let steps = vec![Step::demand(Statement::new(KEEP, args))];
        let written = self.write(|| format!("keeping the checkpoint over {} facts", made.size), steps).await?;
        // Refused: another worker has signed one over as many facts.
        Ok(matches!(written, Written::Done(_)).then_some(made))
    }

    /// The newest checkpoint, or `None` before the first.
    pub async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let rows = self.read(|| "reading the last checkpoint".to_owned(), Statement::new(LAST, [])).await?;
        rows.first().map(read).transpose()
    }

    /// Up to `limit` checkpoints over more than `after` and at most `size` facts, the smallest first.
    pub(crate) async fn checkpoints(&self, after: u64, size: u64, limit: u32) -> Result<Vec<Checkpoint>, StoreError> {
        let statement = Statement::new(BETWEEN, [after.into(), size.into(), limit.into()]);
        let rows = self.read(|| "reading checkpoints".to_owned(), statement).await?;
        rows.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(number: u8) -> Signer {
        Signer::from_seed(&[number; 32])
    }

    fn made() -> Checkpoint {
        Checkpoint::sign(
            "borgen.example/log",
            7,
            Hash::of(b"x"),
            "2026-11-22T12:00:00.25Z".parse().unwrap(),
            &signer(1),
        )
    }

    #[test]
    fn the_published_example_of_a_signed_note_verifies() {
        let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
             \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let key = VerifyingKey::try_from(&key[1..]).unwrap();
        assert!(matches!(verify_note(note, "PeterNeumann", &key), Signed::Yes));
        assert!(matches!(verify_note(&note.replace("know", "knew"), "PeterNeumann", &key), Signed::OverAnotherText));
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_written_and_its_signature_holds() {
        let read = Checkpoint::parse(&made().note).unwrap();
        assert_eq!(read, made());
        assert_eq!(read.verify(&signer(1).verifying_key()), Ok(()));
        assert!(made().note.starts_with("borgen.example/log\n7\n"));
    }

    #[test]
    fn another_key_and_another_text_are_told_apart() {
        let other = made().verify(&signer(2).verifying_key());
        assert!(matches!(other, Err(CheckpointError::OtherKey { size: 7, .. })));
        let changed = Checkpoint::parse(&made().note.replace("\n7\n", "\n8\n")).unwrap();
        assert!(matches!(changed.verify(&signer(1).verifying_key()), Err(CheckpointError::Changed { size: 8, .. })));
        let fields = Checkpoint { size: 9, ..made() };
        assert!(fields.verify(&signer(1).verifying_key()).is_err(), "the fields must be those of the note");
    }

    #[test]
    fn a_signature_of_a_witness_beside_ours_does_no_harm() {
        let mut note = made().note;
        note.push_str("\u{2014} witness.example AAAAAAAA\n");
        assert_eq!(Checkpoint::parse(&note).unwrap().verify(&signer(1).verifying_key()), Ok(()));
    }

    #[test]
    fn what_is_written_otherwise_is_no_checkpoint() {
        for wrong in [
            made().note.replace("\n7\n", "\n07\n"),
            made().note.replace("time ", ""),
            made().note.replace("\n\n", "\nextra\n\n"),
            made().note.replace("borgen.example/log\n7", "two words\n7"),
            String::new(),
        ] {
            assert!(Checkpoint::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
