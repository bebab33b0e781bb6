//! Any bytes as a stored fact: refused, or a fact that folds into a file and is read again as it was.

use domain::fact::Fact;
use domain::file::{AccountFile, apply};
use domain::ids::{AccountId, Hash};

/// One run.
pub(crate) fn run(bytes: &[u8]) {
    let account = AccountId::of_partner();
    let Ok(fact) = Fact::read(account, 1, bytes) else { return };
    let mut file = AccountFile::default();
    for _ in 0..2 {
        apply(&mut file, &fact);
    }
    let Ok(stored) = fact.store(Hash::default()) else { return };
    let again = Fact::read(account, fact.version, &stored.bytes).expect("what was written is read");
    assert_eq!(again.store(Hash::default()).expect("as before").bytes, stored.bytes);
}
