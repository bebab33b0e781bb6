//! The rows that pages and lists read: made from facts and the folded file, in the same write, and disposable.
//! How rows are kept and listed is here; what a capability shows is in the file of its name.

pub mod actions;
pub mod activity;
pub mod cases;
pub mod connections;
pub mod customers;
mod files;
pub mod incidents;
pub mod notices;
mod query;
pub mod signals;
pub mod snoozes;
pub mod subscriptions;
pub mod users;
pub mod views;

pub use query::{Counts, Cursor, CursorError, Filter, Listed, MAX_PAGE, Page, counts};

use crate::sql::Statement;
use domain::cases::Severity;
use domain::fact::Fact;
use domain::file::{AccountFile, Part};
use domain::ids::AccountId;
use money::Money;
use serde::Serialize;

/// What a row is of; the word is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Customer,
    Subscription,
    Signal,
    Case,
    Notice,
    Action,
    User,
    Token,
    SignInName,
    Connection,
    Incident,
    Snooze,
    View,
    Activity,
}

impl Kind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Subscription => "subscription",
            Self::Signal => "signal",
            Self::Case => "case",
            Self::Notice => "notice",
            Self::Action => "action",
            Self::User => "user",
            Self::Token => "token",
            Self::SignInName => "sign_in_name",
            Self::Connection => "connection",
            Self::Incident => "incident",
            Self::Snooze => "snooze",
            Self::View => "view",
            Self::Activity => "activity",
        }
    }
}

impl Kind {
    /// Every state that rows of the kind are in.
    pub(crate) const fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Customer => &["active"],
            Self::Subscription | Self::User => &["active", "inactive"],
            Self::Signal => &["raised"],
            Self::Case => &["open", "snoozed", "closed"],
            Self::Notice => &["active", "investigating", "resolved"],
            Self::Action => {
                &["proposed", "released", "verified", "dry_run", "failed", "rejected", "expired", "stopped"]
            }
            Self::Token => &["good", "revoked"],
            Self::SignInName => &["good"],
            Self::Connection => &["healthy", "faulty"],
            Self::Incident => &["open", "ended"],
            Self::Snooze => &["in_force", "over"],
            Self::View => &["private", "shared", "deleted"],
            Self::Activity => &["unreviewed", "reviewed"],
        }
    }
}

/// What a row is filtered and sorted by; empty where it has none.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    status: &'static str,
    severity: i64,
    story: String,
    owner: String,
    sort: i64,
    lookup: String,
}

/// Money and severity in one number, so that a list sorted by it has the gravest and dearest first.
const SEVERITY_WEIGHT: i64 = 1_000_000_000_000_000;

/// A row keeps the `lookup` it came with: SQLite writes the index of a column anew whenever a statement names it.
const REPLACE: &str = "INSERT INTO page_row (account, kind, id, version, who, reseller, status, severity, story, owner, sort, lookup, body) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
     ON CONFLICT (account, kind, id) DO UPDATE SET version = excluded.version, reseller = excluded.reseller, \
     status = excluded.status, severity = excluded.severity, story = excluded.story, owner = excluded.owner, \
     sort = excluded.sort, body = excluded.body WHERE excluded.version >= page_row.version";
/// As [`REPLACE`] for a row that stays where it stands: the columns of its place, which an index has, are not named.
const REPLACE_IN_PLACE: &str = "UPDATE page_row SET version = $4, severity = $5, story = $6, owner = $7, body = $8 \
     WHERE account = $1 AND kind = $2 AND id = $3 AND version <= $4";
const MOVE: &str = "UPDATE page_row SET reseller = $2 WHERE account = $1 AND reseller <> $2";
const RESTATE: &str =
    "UPDATE page_row SET status = $4, version = $5 WHERE account = $1 AND kind = $2 AND id = $3 AND version <= $5";

/// The pages that [`REPLACE`] will change: the row's own, and where it stood and will stand among its like; if it is new,
/// its name and the end of its like. For SQLite.
const TOUCH: &str = "SELECT COALESCE((SELECT EXISTS (SELECT 1 FROM page_row was INDEXED BY page_row_status \
     WHERE was.kind = now.kind AND was.status = now.status AND was.sort = now.sort AND was.rowid = now.rowid) \
     + EXISTS (SELECT 1 FROM page_row INDEXED BY page_row_status \
     WHERE kind = $2 AND status = $4 AND sort = $5 AND rowid >= now.rowid) \
     FROM page_row now WHERE now.account = $1 AND now.kind = $2 AND now.id = $3), \
     EXISTS (SELECT 1 FROM page_row INDEXED BY page_row_id WHERE kind = $2 AND id = $3) \
     + EXISTS (SELECT 1 FROM page_row INDEXED BY page_row_status \
     WHERE kind = $2 AND status = $4 AND sort = $5 AND rowid = 9223372036854775807))";

/// The page of a row that stays where it stands.
const TOUCH_IN_PLACE: &str = "SELECT version FROM page_row WHERE account = $1 AND kind = $2 AND id = $3";

/// What to read before a row is replaced.
pub(crate) fn touching(row: &Statement) -> Option<Statement> {
    let place = |number: usize| row.args.get(number).cloned();
    match row.sql {
        REPLACE => Some(Statement::new(TOUCH, [place(0)?, place(1)?, place(2)?, place(6)?, place(10)?])),
        REPLACE_IN_PLACE | signals::TELL => Some(Statement::new(TOUCH_IN_PLACE, [place(0)?, place(1)?, place(2)?])),
        _ => None,
    }
}

/// A step as rows see it.
pub(crate) struct Step<'a> {
    account: AccountId,
    before: &'a AccountFile,
    after: &'a AccountFile,
    facts: &'a [Fact],
}

impl Step<'_> {
    /// The statement that puts a row in its place.
    fn row(&self, kind: Kind, id: &str, columns: Columns, body: &impl Serialize) -> Statement {
        debug_assert!(kind.statuses().contains(&columns.status), "a state that no list would show");
        let reseller = reseller_of(self.after);
        let args = [
            self.account.into(),
            kind.word().into(),
            id.into(),
            self.after.version.into(),
            self.account.to_string().into(),
            reseller.map(|reseller| reseller.to_string()).unwrap_or_default().into(),
            columns.status.into(),
            columns.severity.into(),
            columns.story.into(),
            columns.owner.into(),
            columns.sort.into(),
            columns.lookup.into(),
            self::body(body).into(),
        ];
        Statement::new(REPLACE, args)
    }

    /// The statement that puts a row that is there in its place again, whose columns were `was`.
    fn row_again(&self, kind: Kind, id: &str, was: &Columns, columns: Columns, body: &impl Serialize) -> Statement {
        if (was.status, was.sort) != (columns.status, columns.sort) {
            return self.row(kind, id, columns, body);
        }
        let args = [
            self.account.into(),
            kind.word().into(),
            id.into(),
            self.after.version.into(),
            columns.severity.into(),
            columns.story.into(),
            columns.owner.into(),
            self::body(body).into(),
        ];
        Statement::new(REPLACE_IN_PLACE, args)
    }

    /// When a customer comes to another reseller, everything that is shown of it goes along: who may see a row is read
    /// from the row.
    fn follow_the_reseller(&self) -> Vec<Statement> {
        let (was, now) = (reseller_of(self.before), reseller_of(self.after));
        let moves = self.before.version > 0 && was != now;
        let to = now.map(|reseller| reseller.to_string()).unwrap_or_default();
        if moves { vec![Statement::new(MOVE, [self.account.into(), to.into()])] } else { Vec::new() }
    }

    /// The statement that gives a row that is there another state.
    fn restate(&self, kind: Kind, id: &str, status: &'static str) -> Statement {
        let args = [self.account.into(), kind.word().into(), id.into(), status.into(), self.after.version.into()];
        Statement::new(RESTATE, args)
    }
}

/// The text of a row's body.
fn body(of: &impl Serialize) -> String {
    // Bodies are plain values: writing them can't fail, and an empty one would show.
    serde_json::to_string(of).unwrap_or_default()
}

fn reseller_of(file: &AccountFile) -> Option<AccountId> {
    file.customer().and_then(|file| file.holdings.identity.as_ref()).and_then(|who| who.reseller)
}

/// The statements that bring an account's rows up to a step. Pure.
#[must_use]
pub fn project(account: AccountId, before: &AccountFile, after: &AccountFile, facts: &[Fact]) -> Vec<Statement> {
    let step = Step { account, before, after, facts };
    match &after.part {
        Part::Customer(_) => [
            step.follow_the_reseller(),
            customers::project(&step),
            subscriptions::project(&step),
            signals::project(&step),
            cases::project(&step),
            snoozes::project(&step),
            notices::project(&step),
            actions::project(&step),
            activity::project(&step),
        ]
        .concat(),
        Part::User(_) => [users::project(&step), views::project(&step)].concat(),
        Part::Connection(_) => [connections::project(&step), activity::project(&step)].concat(),
        Part::Partner(_) => incidents::project(&step),
        Part::Policy(_) | Part::Unborn => Vec::new(),
    }
}

/// The severity as a number to filter by: 0 is none, 4 is critical.
#[must_use]
pub const fn severity_number(severity: Option<Severity>) -> i64 {
    match severity {
        None => 0,
        Some(Severity::Low) => 1,
        Some(Severity::Medium) => 2,
        Some(Severity::High) => 3,
        Some(Severity::Critical) => 4,
    }
}

/// Where a customer or an open case stands in a list: by severity, then by the step of what it burns.
fn place_by_burn(severity: Option<Severity>, per_hour: Option<Money>) -> i64 {
    gravest_and_dearest(severity, per_hour.map(down_to_step))
}

/// An amount down to one of the steps 1, 3, 10, 30, 100 … of minor units. What a customer burns grows with almost every
/// finding, and each move in a list is a page or two on the disk; so lists are sorted by the step, and a page by the amount.
fn down_to_step(money: Money) -> Money {
    let unit = money.minor.checked_ilog10().and_then(|digits| 10_i64.checked_pow(digits)).unwrap_or(0);
    let three = unit.saturating_mul(3);
    Money { minor: if money.minor >= three { three } else { unit }, ..money }
}

/// Sorts the rows of a page that share a place, the dearest first.
fn dearest_first<T>(items: &mut [Listed<T>], burn: impl Fn(&T) -> (Option<Severity>, Option<Money>)) {
    let place = |listed: &Listed<T>| {
        let (severity, per_hour) = burn(&listed.row);
        place_by_burn(severity, per_hour)
    };
    for alike in items.chunk_by_mut(|one, next| place(one) == place(next)) {
        alike.sort_by_key(|listed| std::cmp::Reverse(burn(&listed.row).1.map(|money| money.minor)));
    }
}

fn gravest_and_dearest(severity: Option<Severity>, per_hour: Option<Money>) -> i64 {
    let minor = per_hour.map_or(0, |money| money.minor.clamp(0, SEVERITY_WEIGHT - 1));
    severity_number(severity) * SEVERITY_WEIGHT + minor
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::Currency;

    #[test]
    fn what_burns_a_little_more_stands_where_it_stood_and_what_burns_thrice_as_much_above() {
        let step = |minor| down_to_step(Money { minor, currency: Currency::SEK }).minor;
        for (minor, wanted) in [
            (i64::MIN, 0),
            (-1, 0),
            (0, 0),
            (1, 1),
            (2, 1),
            (3, 3),
            (9, 3),
            (10, 10),
            (31_250, 30_000),
            (93_750, 30_000),
            (125_000, 100_000),
            (i64::MAX, 3_000_000_000_000_000_000),
        ] {
            assert_eq!(step(minor), wanted, "{minor}");
        }
    }

    #[test]
    fn a_page_has_the_dearest_first_and_severity_goes_before_money() {
        let row = |id: &str, severity, minor| Listed {
            account: AccountId::of_partner(),
            id: id.to_owned(),
            version: 1,
            row: (Some(severity), Some(Money { minor, currency: Currency::SEK })),
        };
        let mut items = [
            row("a", Severity::High, 31_250),
            row("b", Severity::High, 93_750),
            row("c", Severity::High, 62_500),
            row("d", Severity::High, 10_000),
            row("e", Severity::Low, 93_750),
        ];
        dearest_first(&mut items, |row| *row);
        assert_eq!(items.map(|listed| listed.id), ["b", "c", "a", "d", "e"]);
    }
}
