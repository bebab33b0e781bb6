//! Permits: what several accounts share, such as caps per hour and credit limits. One is taken inside an append by
//! a conditional update, so that it can't be taken twice. Who lifts a cap, and why, is a fact of the partner's account.

use crate::error::StoreError;
use crate::sql::{Statement, Step};
use crate::store::Store;
use jiff::Timestamp;

/// A share of something limited, taken together with an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitTake {
    /// What is limited.
    pub name: String,
    /// The start of the window that is counted; a limit without windows uses the epoch.
    pub window_start: Timestamp,
    /// The end of the window: when it is worth trying again.
    pub window_end: Timestamp,
    /// How much is taken; less than nothing gives back.
    pub take: i64,
    /// How much may be taken in the window, unless a lift allows more.
    pub limit: i64,
    /// When it is really taken: a lift that has ended by then does not count, however old the step is that takes.
    pub at: Timestamp,
}

/// The first row of a window is only written when the take fits; a later take only when the sum fits.
const TAKE: &str = "INSERT INTO permit (name, window_start, window_end, used) \
     SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT) \
     WHERE CAST($4 AS BIGINT) <= $5 OR EXISTS (SELECT 1 FROM permit_lift WHERE name = $1 AND until > $6 AND cap >= $4) \
     ON CONFLICT (name, window_start) DO UPDATE SET used = permit.used + excluded.used \
     WHERE permit.used + excluded.used <= $5 \
        OR EXISTS (SELECT 1 FROM permit_lift l WHERE l.name = $1 AND l.until > $6 AND l.cap >= permit.used + excluded.used)";
const LIFT: &str = "INSERT INTO permit_lift (name, until, cap) VALUES ($1, $2, $3) \
     ON CONFLICT (name, until) DO UPDATE SET cap = excluded.cap";
const END_LIFT: &str = "DELETE FROM permit_lift WHERE name = $1";
const USED: &str = "SELECT used FROM permit WHERE name = $1 AND window_start = $2";

impl PermitTake {
    /// The conditional update of a step at `at`.
    pub(crate) fn statement(&self, at: Timestamp) -> Statement {
        let at = at.max(self.at);
        let args = [
            self.name.as_str().into(),
            self.window_start.into(),
            self.window_end.into(),
            self.take.into(),
            self.limit.into(),
            at.into(),
        ];
        Statement::new(TAKE, args)
    }
}

impl Store {
    /// Lets up to `limit` be taken of a permit until an instant, beside what its own limit says. An earlier lift of the
    /// same permit is over, also when it allowed more.
    pub async fn lift_permit(&self, name: &str, until: Timestamp, limit: i64) -> Result<(), StoreError> {
        let steps = lift_permit(name, until, limit).map(Step::then).into();
        self.write(|| format!("lifting permit {name}"), steps).await?;
        Ok(())
    }

    /// How much of a permit has been taken in the window.
    pub async fn permit_used(&self, name: &str, window_start: Timestamp) -> Result<i64, StoreError> {
        let statement = Statement::new(USED, [name.into(), window_start.into()]);
        let rows = self.read(|| format!("reading permit {name}"), statement).await?;
        rows.first().map_or(Ok(0), |row| Ok(row.int(0)?))
    }
}

/// The statements of a lift, for an append that records who lifted the cap: the newest lift is the only one.
#[must_use]
pub fn lift_permit(name: &str, until: Timestamp, limit: i64) -> [Statement; 2] {
    [end_lift(name), Statement::new(LIFT, [name.into(), until.into(), limit.into()])]
}

/// The statement that ends the lift of a permit at once.
pub(crate) fn end_lift(name: &str) -> Statement {
    Statement::new(END_LIFT, [name.into()])
}
