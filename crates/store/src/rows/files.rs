//! The folded files of the accounts that a list shows. What changes with almost every step of an account is not written
//! into its rows each time, but read from its file when somebody looks.

use crate::error::StoreError;
use crate::head::Head;
use crate::store::Store;
use domain::file::{AccountFile, FOLD_VERSION};
use domain::ids::AccountId;
use std::collections::{BTreeMap, BTreeSet};

/// How many files one question is for.
const MAX_FILES_AT_ONCE: usize = 50;
/// How many files of another release one list folds anew; those beyond them are shown as they were written last, until
/// somebody looks again.
const MAX_FOLDED: usize = 50;

/// The files of some accounts as they are now. An account whose facts this release can't read has none: its rows are shown
/// as they were written last.
pub(super) async fn files(
    store: &Store,
    accounts: impl Iterator<Item = AccountId>,
) -> Result<BTreeMap<AccountId, AccountFile>, StoreError> {
    let accounts: Vec<AccountId> = accounts.collect::<BTreeSet<_>>().into_iter().collect();
    let (mut files, mut folded) = (BTreeMap::new(), 0);
    for some in accounts.chunks(MAX_FILES_AT_ONCE) {
        for head in store.heads(some).await? {
            let file = match AccountFile::of_bytes(&head.file, head.fold_version) {
                Some(file) => Some(file),
                None if folded < MAX_FOLDED => {
                    folded += 1;
                    fold(store, &head).await?
                }
                None => None,
            };
            files.extend(file.map(|file| (head.account, file)));
        }
    }
    Ok(files)
}

/// Folds a file that another release wrote, and keeps it for the next who looks.
async fn fold(store: &Store, head: &Head) -> Result<Option<AccountFile>, StoreError> {
    let Ok(file) = store.folded(head.account, head.version).await? else { return Ok(None) };
    if let Ok(bytes) = file.to_bytes() {
        store.refold(head.account, head.version, bytes, FOLD_VERSION, head.due).await?;
    }
    Ok(Some(file))
}
