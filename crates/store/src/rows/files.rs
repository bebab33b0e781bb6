//! The folded files of the accounts that a list shows. What changes with almost every step of an account is not written
//! into its rows each time, but read from its file when somebody looks.

use crate::error::StoreError;
use crate::store::Store;
use domain::file::AccountFile;
use domain::ids::AccountId;
use std::collections::{BTreeMap, BTreeSet};

/// The files of some accounts as they are now. An account whose facts this release can't read has none: its rows are shown
/// as they were written last.
pub(super) async fn files(
    store: &Store,
    accounts: impl Iterator<Item = AccountId>,
) -> Result<BTreeMap<AccountId, AccountFile>, StoreError> {
    let accounts: BTreeSet<AccountId> = accounts.collect();
    let mut files = BTreeMap::new();
    if accounts.is_empty() {
        return Ok(files);
    }
    for head in store.heads(accounts.into_iter()).await? {
        let file = match AccountFile::of_bytes(&head.file, head.fold_version) {
            Some(file) => Some(file),
            None => store.folded(head.account, head.version).await?.ok(),
        };
        files.extend(file.map(|file| (head.account, file)));
    }
    Ok(files)
}
