//! Which accounts were written lately, so that their pages need not be read ahead once more. Only a hint: one that is
//! forgotten is read for nothing, and one whose pages have left memory is read by the writer.

use domain::ids::AccountId;
use std::sync::atomic::{AtomicU64, Ordering};

/// Places for accounts, half a megabyte; two that fall on one place forget each other.
const PLACES: usize = 64 * 1024;

/// The accounts, each at the place that its id gives it.
pub(super) struct Lately(Box<[AtomicU64]>);

impl Lately {
    pub(super) fn new() -> Self {
        Self(std::iter::repeat_with(AtomicU64::default).take(PLACES).collect())
    }

    /// Notes that an account is written, and tells whether it was not long ago.
    pub(super) fn was_written(&self, account: AccountId) -> bool {
        // The second half of every kind of id is made by chance or by a digest.
        let (_, id) = account.0.as_u64_pair();
        let place = usize::try_from(id).ok().and_then(|id| self.0.get(id % PLACES));
        place.is_some_and(|place| place.swap(id, Ordering::Relaxed) == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_account_was_written_lately_until_another_takes_its_place() {
        let lately = Lately::new();
        let account = |id: u64| AccountId(Uuid::from_u64_pair(7, id));
        let alike = u64::try_from(PLACES).unwrap();
        assert!(!lately.was_written(account(5)));
        assert!(lately.was_written(account(5)));
        assert!(!lately.was_written(account(6)));
        assert!(!lately.was_written(account(5 + alike)));
        assert!(!lately.was_written(account(5)));
        assert!(lately.was_written(account(6)));
    }
}
