//! Microsoft hands out a new refresh token with every use; the newest is kept in a file that only its owner may read.
//! The first one comes from the settings; when that is changed there, the kept one is of an older consent and is left.

use domain::ids::Hash;
use microsoft::{Keeping, TokenStore, TokenStoreError};
use secrecy::{ExposeSecret, SecretString};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file of one connection's newest refresh token.
#[derive(Debug)]
pub(crate) struct KeptToken {
    path: PathBuf,
    /// The digest of the first token: which consent the kept one goes back to.
    consent: Hash,
}

impl KeptToken {
    /// The file of a connection whose first token is this.
    pub(crate) fn of(folder: &Path, connection: &str, first: &SecretString) -> Self {
        Self { path: folder.join(format!("refresh-{connection}")), consent: Hash::of(first.expose_secret().as_bytes()) }
    }

    /// The newest token of the same consent, when one was kept.
    pub(crate) fn newest(&self) -> Option<SecretString> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        let (consent, token) = text.split_once('\n')?;
        (consent == self.consent.to_string()).then(|| SecretString::from(token.trim_end()))
    }

    /// Writes beside and moves over, so that there is a whole token at every moment.
    fn write(&self, token: &SecretString) -> std::io::Result<()> {
        let beside = self.path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        write!(file, "{}\n{}\n", self.consent, token.expose_secret())?;
        file.sync_all()?;
        std::fs::rename(&beside, &self.path)
    }
}

impl TokenStore for KeptToken {
    fn keep(&self, refresh_token: SecretString) -> Keeping<'_> {
        Box::pin(async move {
            // One short file: not worth a thread of its own.
            let failed =
                |error: std::io::Error| TokenStoreError { reason: format!("{}: {error}", self.path.display()) };
            self.write(&refresh_token).map_err(failed)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_token_is_kept_until_there_is_another_consent() {
        let folder = tempfile::tempdir().unwrap();
        let first = SecretString::from("first");
        let kept = KeptToken::of(folder.path(), "north", &first);
        assert!(kept.newest().is_none());
        kept.keep(SecretString::from("second")).await.unwrap();
        kept.keep(SecretString::from("third")).await.unwrap();
        assert_eq!(kept.newest().unwrap().expose_secret(), "third");
        let again = KeptToken::of(folder.path(), "north", &SecretString::from("other consent"));
        assert!(again.newest().is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join("refresh-north")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
