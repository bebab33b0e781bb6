//! Reading the journal: an account's facts in order, and all facts in the order of their positions.

use crate::error::StoreError;
use crate::packed::unpack;
use crate::sql::{Row, Statement};
use crate::store::Store;
use domain::fact::{Class, DecodeError, Fact, StoredFact};
use domain::file::{AccountFile, apply};
use domain::ids::AccountId;

/// The most facts of one page.
pub const MAX_FACTS_PER_PAGE: u32 = 5_000;

/// How many facts are read at once when a file is folded anew.
const FOLD_PAGE: u32 = 1_000;

/// How many named facts one question is for.
const MAX_NAMED_AT_ONCE: usize = 50;

/// A fact that has its place in the one order of all facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Its place: 1, 2, 3 ... without a gap.
    pub position: u64,
    /// The fact.
    pub fact: StoredFact,
}

/// Facts; where they come from is the only difference.
macro_rules! facts {
    ($from:literal) => {
        concat!("SELECT f.account, f.version, f.kind, f.class, f.at, f.source_key, f.hash, f.bytes", $from)
    };
}
const OF_ACCOUNT: &str = facts!(" FROM fact f WHERE f.account = $1 AND f.version > $2 ORDER BY f.version LIMIT $3");
/// `$1` is `[[account, version], …]` as JSON.
const NAMED_SQLITE: &str =
    facts!(" FROM json_each($1) j CROSS JOIN fact f ON f.account = unhex(j.value ->> 0) AND f.version = j.value ->> 1");
const NAMED_POSTGRES: &str = facts!(
    " FROM json_array_elements(CAST($1 AS json)) j (value) \
     JOIN fact f ON f.account = decode(j.value ->> 0, 'hex') AND f.version = CAST(j.value ->> 1 AS BIGINT)"
);
/// Each row of `feed` ends at its position; the facts in it count backwards from there.
const FEED: &str = facts!(
    ", p.position - (p.last - f.version) \
     FROM (SELECT position, account, first, last FROM feed WHERE position > $1 ORDER BY position LIMIT $2) p \
     JOIN fact f ON f.account = p.account AND f.version BETWEEN p.first AND p.last \
     WHERE p.position - (p.last - f.version) > $1 ORDER BY p.position, f.version LIMIT $2"
);

fn stored(row: &Row) -> Result<StoredFact, StoreError> {
    Ok(StoredFact {
        account: row.account(0)?,
        version: row.count(1)?,
        kind: row.text(2)?.to_owned(),
        class: class(row.text(3)?)?,
        at: row.instant(4)?,
        source_key: row.maybe_text(5)?.map(str::to_owned),
        hash: row.hash(6)?,
        bytes: unpack(row.blob(7)?)?,
    })
}

fn class(word: &str) -> Result<Class, StoreError> {
    [Class::Observed, Class::Found, Class::Answer, Class::Decided]
        .into_iter()
        .find(|class| class.word() == word)
        .ok_or_else(|| StoreError::Damaged(format!("`{word}` is no class of facts")))
}

impl Store {
    /// Up to `limit` facts of an account after a version, in order. Instants are whole microseconds.
    pub async fn facts(
        &self,
        account: AccountId,
        after_version: u64,
        limit: u32,
    ) -> Result<Vec<StoredFact>, StoreError> {
        let args = [account.into(), after_version.into(), limit.min(MAX_FACTS_PER_PAGE).into()];
        let doing = || format!("reading facts of account {account}");
        self.read(doing, Statement::new(OF_ACCOUNT, args)).await?.iter().map(stored).collect()
    }

    /// The file of an account as its facts up to a version make it; the inner error is of a fact that this release can't
    /// read.
    pub async fn folded(
        &self,
        account: AccountId,
        version: u64,
    ) -> Result<Result<AccountFile, DecodeError>, StoreError> {
        let mut file = AccountFile::default();
        while file.version < version {
            let page = self.facts(account, file.version, FOLD_PAGE).await?;
            if page.is_empty() {
                break;
            }
            for stored in page.into_iter().take_while(|stored| stored.version <= version) {
                match Fact::read(account, stored.version, &stored.bytes) {
                    Ok(fact) => apply(&mut file, &fact),
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
        Ok(Ok(file))
    }

    /// The named facts, as many as are there, in no order.
    pub(crate) async fn facts_at(&self, named: &[(AccountId, u64)]) -> Result<Vec<StoredFact>, StoreError> {
        let sql = if self.is_postgres() { NAMED_POSTGRES } else { NAMED_SQLITE };
        let mut facts = Vec::with_capacity(named.len());
        for some in named.chunks(MAX_NAMED_AT_ONCE) {
            let some: Vec<_> = some.iter().map(|(account, version)| (account.0.simple(), version)).collect();
            let some = serde_json::to_string(&some).map_err(|error| StoreError::Damaged(error.to_string()))?;
            let rows = self.read(|| "reading named facts".to_owned(), Statement::new(sql, [some.into()])).await?;
            facts.extend(rows.iter().map(stored).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(facts)
    }

    /// Up to `limit` facts after a position, in the order of their positions. What the sealer has not reached yet is
    /// not there.
    pub async fn feed(&self, after_position: u64, limit: u32) -> Result<Vec<FeedEntry>, StoreError> {
        let args = [after_position.into(), limit.min(MAX_FACTS_PER_PAGE).into()];
        let rows = self.read(|| "reading the feed".to_owned(), Statement::new(FEED, args)).await?;
        rows.iter().map(|row| Ok(FeedEntry { position: row.count(8)?, fact: stored(row)? })).collect()
    }
}
