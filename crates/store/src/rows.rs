//! The rows that pages and lists read: made from facts and the folded file, in the same write, and disposable.
//! How rows are kept and listed is here; what a capability shows is in the file of its name.

pub mod actions;
pub mod activity;
pub mod cases;
pub mod connections;
pub mod customers;
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

/// What to read before a row is replaced.
pub(crate) fn touching(row: &Statement) -> Option<Statement> {
    let place = |number: usize| row.args.get(number).cloned();
    let args = [place(0)?, place(1)?, place(2)?, place(6)?, place(10)?];
    (row.sql == REPLACE).then(|| Statement::new(TOUCH, args))
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
        // Bodies are plain values: writing them can't fail, and an empty one would show.
        debug_assert!(kind.statuses().contains(&columns.status), "a state that no list would show");
        let body = serde_json::to_string(body).unwrap_or_default();
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
            body.into(),
        ];
        Statement::new(REPLACE, args)
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

fn gravest_and_dearest(severity: Option<Severity>, per_hour: Option<money::Money>) -> i64 {
    let minor = per_hour.map_or(0, |money| money.minor.clamp(0, SEVERITY_WEIGHT - 1));
    severity_number(severity) * SEVERITY_WEIGHT + minor
}
