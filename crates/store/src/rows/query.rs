//! Listing rows: filters, the caller's scope, and pages by key. A page never counts and never skips.

use super::Kind;
use crate::error::StoreError;
use crate::sql::{Row, Statement, Value};
use crate::store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::AccountId;
use domain::permission::Scope;
use domain::signals::Token;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;

/// The most rows of one page.
pub const MAX_PAGE: u32 = 1_000;
/// The longest cursor that is read.
const MAX_CURSOR_BYTES: usize = 400;

/// What to list. Empty fields filter nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The state, as the rows have it: `open`, `active` ...
    pub status: String,
    /// At least this severe; see [`super::severity_number`].
    pub severity_at_least: i64,
    /// The story or rule.
    pub story: String,
    /// The owner of a case.
    pub owner: Option<AccountId>,
    /// Who did what a row tells, by the token of the name.
    pub by: Option<Token>,
    /// Only what nobody has taken.
    pub unowned: bool,
    /// Only rows of this account.
    pub account: Option<AccountId>,
}

/// Where a page ended. Opaque to callers of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    sort: i64,
    /// The row's own number: what was added later has a greater one.
    row: i64,
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in a list: take the nextLink of the page before as it is")]
pub struct CursorError;

impl Cursor {
    /// The text that a link carries.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.sort, self.row))
    }

    /// Reads the text of a link.
    pub fn read(text: &str) -> Result<Self, CursorError> {
        if text.len() > MAX_CURSOR_BYTES {
            return Err(CursorError);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let text = String::from_utf8(bytes).map_err(|_| CursorError)?;
        let (sort, row) = text.split_once(':').ok_or(CursorError)?;
        Ok(Self { sort: sort.parse().map_err(|_| CursorError)?, row: row.parse().map_err(|_| CursorError)? })
    }
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// The account it is of.
    pub account: AccountId,
    /// Its id among rows of its kind.
    pub id: String,
    /// The version of the account it was made at.
    pub version: u64,
    /// What it shows.
    pub row: T,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<Listed<T>>,
    /// Where the next page begins; nothing on the last.
    pub next: Option<Cursor>,
}

/// The rows of an account that belong to something, the last first.
pub(crate) async fn of_owner<T: DeserializeOwned>(
    store: &Store,
    kind: Kind,
    account: AccountId,
    owner: &str,
    limit: u32,
) -> Result<Vec<Listed<T>>, StoreError> {
    let args = [kind.word().into(), account.into(), owner.into(), limit.clamp(1, MAX_PAGE).into()];
    let doing = || format!("reading what belongs to one of kind {}", kind.word());
    let rows = store.read(doing, Statement::new(OF_OWNER, args)).await?;
    rows.iter().map(|row| read(row).map(|(listed, _)| listed)).collect()
}

/// A few numbers over all open things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open cases by severity, from low to critical.
    pub open_cases: [u64; 4],
    /// When the oldest alert that waits for an answer reached us.
    pub oldest_unanswered: Option<jiff::Timestamp>,
}

/// Rows of one kind, those that sort highest first; the condition of the place is the only difference. The index has the
/// row's number as its last part, but SQLite seeks in it by a pair of values no further than the first.
macro_rules! list {
    ($place:literal) => {
        concat!(
            "SELECT account, id, version, sort, body, rowid FROM page_row WHERE kind = $1 AND severity >= $3 \
             AND ($4 = '' OR story = $4) AND ($5 = '' OR owner = $5 OR ($5 = '-' AND owner = '')) \
             AND ($6 = '' OR $6 LIKE '%,' || who || ',%' OR (reseller <> '' AND $6 LIKE '%,' || reseller || ',%')) AND ",
            $place,
            " ORDER BY sort DESC, rowid DESC LIMIT $8"
        )
    };
}
const BELOW: &str = list!("status = $7 AND sort < $2");
const LEVEL: &str = list!("status = $7 AND sort = $2 AND rowid < $9");
const OF_ACCOUNT: &str = list!("($7 = '' OR status = $7) AND (sort, rowid) < ($2, $9) AND account = $10");
const ONE: &str = "SELECT account, id, version, sort, body, rowid FROM page_row WHERE kind = $1 AND id = $2 \
     AND ($3 = '' OR $3 LIKE '%,' || who || ',%' OR (reseller <> '' AND $3 LIKE '%,' || reseller || ',%')) \
     ORDER BY account LIMIT 2";
const LOOKUP: &str = "SELECT account, id, version, sort, body, rowid FROM page_row WHERE kind = $1 AND lookup = $2 AND lookup <> '' ORDER BY account LIMIT $3";
const OF_OWNER: &str = "SELECT account, id, version, sort, body, rowid FROM page_row WHERE account = $2 AND kind = $1 \
     AND owner = $3 ORDER BY sort DESC, rowid DESC LIMIT $4";
const OPEN_CASES: &str = "SELECT severity, CAST(COUNT(*) AS BIGINT) FROM page_row WHERE kind = 'case' AND status = 'open' \
     AND ($1 = '' OR $1 LIKE '%,' || who || ',%' OR (reseller <> '' AND $1 LIKE '%,' || reseller || ',%')) GROUP BY severity";
const OLDEST: &str = "SELECT CAST(MIN(sort) AS BIGINT) FROM page_row WHERE kind = 'notice' AND status = 'active' \
     AND ($1 = '' OR $1 LIKE '%,' || who || ',%' OR (reseller <> '' AND $1 LIKE '%,' || reseller || ',%'))";

/// Stands in a statement for the owner of what nobody has taken; no id is written so.
const NOBODY: &str = "-";

/// The scope as one text that holds each allowed id between commas; empty for everything.
fn scope_text(scope: &Scope) -> String {
    match scope {
        Scope::All => String::new(),
        Scope::Only { resellers, customers } => {
            let mut text = String::from(",");
            for id in resellers.iter().chain(customers) {
                // Writing to a String can't fail.
                let _ = write!(text, "{id},");
            }
            // An empty scope sees nothing: this matches no id.
            if text == "," { ",nothing,".to_owned() } else { text }
        }
    }
}

fn read<T: DeserializeOwned>(row: &Row) -> Result<(Listed<T>, Cursor), StoreError> {
    let body = row.text(4)?;
    let damaged = |error: serde_json::Error| StoreError::Damaged(format!("a row that pages read: {error}"));
    let listed = Listed {
        account: row.account(0)?,
        id: row.text(1)?.to_owned(),
        version: row.count(2)?,
        row: serde_json::from_str(body).map_err(damaged)?,
    };
    let cursor = Cursor { sort: row.int(3)?, row: row.int(5)? };
    Ok((listed, cursor))
}

pub(crate) async fn list<T: DeserializeOwned>(
    store: &Store,
    kind: Kind,
    scope: &Scope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<T>, StoreError> {
    let limit = limit.clamp(1, MAX_PAGE);
    let mut found = Vec::new();
    if filter.account.is_some() || !filter.status.is_empty() {
        found = read_page(store, kind, scope, filter, &filter.status, after, limit).await?;
    } else {
        // One index serves both: a list of every state is the lists of each, merged. A second index over all rows
        // would cost every append more than this costs a page.
        for status in kind.statuses() {
            found.extend(read_page(store, kind, scope, filter, status, after, limit).await?);
        }
        found.sort_by_key(|(_, place)| std::cmp::Reverse((place.sort, place.row)));
    }
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next = found.last().map(|(_, cursor)| cursor.clone()).filter(|_| more);
    Ok(Page { items: found.into_iter().map(|(listed, _)| listed).collect(), next })
}

/// Whose rows are wanted: a person's, those of a name's token, nobody's, or empty for everybody's.
fn owner_of(filter: &Filter) -> String {
    let named = filter.owner.map(|owner| owner.0).or(filter.by.map(|by| by.0));
    match named {
        Some(id) => id.to_string(),
        None if filter.unowned => NOBODY.to_owned(),
        None => String::new(),
    }
}

/// The rows of one state, or of one account, after a place: one more than the page, which tells whether there is a next.
async fn read_page<T: DeserializeOwned>(
    store: &Store,
    kind: Kind,
    scope: &Scope,
    filter: &Filter,
    status: &str,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Vec<(Listed<T>, Cursor)>, StoreError> {
    let start = Cursor { sort: i64::MAX, row: i64::MAX };
    let place = after.unwrap_or(&start);
    let asked = |sql, wanted: usize, more: &[Value]| {
        let mut args: Vec<Value> = vec![
            kind.word().into(),
            place.sort.into(),
            filter.severity_at_least.into(),
            filter.story.as_str().into(),
            owner_of(filter).into(),
            scope_text(scope).into(),
            status.into(),
            u64::try_from(wanted).unwrap_or(u64::MAX).into(),
        ];
        args.extend_from_slice(more);
        store.read(move || format!("listing rows of kind {}", kind.word()), Statement::new(sql, args))
    };
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    let mut rows = match (filter.account, after) {
        (Some(account), _) => asked(OF_ACCOUNT, wanted, &[place.row.into(), account.into()]).await?,
        (None, Some(_)) => asked(LEVEL, wanted, &[place.row.into()]).await?,
        (None, None) => Vec::new(),
    };
    if filter.account.is_none() && rows.len() < wanted {
        rows.extend(asked(BELOW, wanted - rows.len(), &[]).await?);
    }
    rows.iter().map(read).collect()
}

/// The row with an id, if the scope covers it.
pub(crate) async fn get<T: DeserializeOwned>(
    store: &Store,
    kind: Kind,
    scope: &Scope,
    id: &str,
) -> Result<Option<Listed<T>>, StoreError> {
    let args = [kind.word().into(), id.into(), scope_text(scope).into()];
    let rows = store.read(|| format!("reading a row of kind {}", kind.word()), Statement::new(ONE, args)).await?;
    rows.first().map(|row| read(row).map(|(listed, _)| listed)).transpose()
}

/// The rows that carry another name: a tenant, an Azure subscription, the digest of a token.
pub(crate) async fn lookup<T: DeserializeOwned>(
    store: &Store,
    kind: Kind,
    name: &str,
    limit: u32,
) -> Result<Vec<Listed<T>>, StoreError> {
    let args = [kind.word().into(), name.into(), limit.clamp(1, MAX_PAGE).into()];
    let rows = store.read(|| format!("looking up a row of kind {}", kind.word()), Statement::new(LOOKUP, args)).await?;
    rows.iter().map(|row| read(row).map(|(listed, _)| listed)).collect()
}

/// A few numbers over all open things that a scope covers.
pub async fn counts(store: &Store, scope: &Scope) -> Result<Counts, StoreError> {
    let doing = || "counting what is open".to_owned();
    let mut counts = Counts::default();
    for row in store.read(doing, Statement::new(OPEN_CASES, [scope_text(scope).into()])).await? {
        let place = usize::try_from(row.int(0)? - 1).ok().and_then(|place| counts.open_cases.get_mut(place));
        if let Some(count) = place {
            *count = row.count(1)?;
        }
    }
    let oldest = store.read(doing, Statement::new(OLDEST, [scope_text(scope).into()])).await?;
    counts.oldest_unanswered = oldest.first().map(|row| row.maybe_instant(0)).transpose()?.flatten();
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let cursor = Cursor { sort: -5, row: 7 };
        assert_eq!(Cursor::read(&cursor.text()), Ok(cursor));
        let of_an_older_release = URL_SAFE_NO_PAD.encode("5:047e26dc-d774-827c-84db-d67d28f0899e");
        for text in ["", "%%%", "MTIz", &"A".repeat(500), &of_an_older_release] {
            assert_eq!(Cursor::read(text), Err(CursorError), "{text}");
        }
    }

    #[test]
    fn an_empty_scope_is_not_the_scope_of_everything() {
        let nothing = Scope::Only { resellers: BTreeSet::new(), customers: BTreeSet::new() };
        assert_ne!(scope_text(&nothing), scope_text(&Scope::All));
    }
}
