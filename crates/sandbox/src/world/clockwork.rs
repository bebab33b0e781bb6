//! What happens by itself as time goes on, and what is due to be sent.

use jiff::Timestamp;
use uuid::Uuid;

use crate::state::azure::EntitlementState;
use crate::state::outbox::{Outcome, Outgoing, ParcelKind};
use crate::state::seat::{age, change};
use crate::state::timers::Due;
use crate::state::webhook::TestAttempt;
use crate::world::{Cause, World};

/// How many timers one step of the clock may work off; the rest follow with the next step.
pub(crate) const MAX_TIMERS_PER_STEP: usize = 100_000;

impl World {
    /// Lets the time go on: everything due until `now` happens, each at its own instant. Time never runs backwards.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let until = now.max(self.now);
        for _ in 0..MAX_TIMERS_PER_STEP {
            let Some((at, due)) = self.timers.pop(until) else {
                break;
            };
            self.now = at.max(self.now);
            self.happen(&due);
        }
        self.now = until;
    }

    /// Lets the time go on and gives what is due to be sent. Each parcel's outcome must be told to [`World::settled`].
    pub fn tick(&mut self, now: Timestamp) -> Vec<Outgoing> {
        self.advance(now);
        self.outbox.take_due(self.now)
    }

    /// When something happens next if nobody asks.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        match (self.timers.next(), self.outbox.next_due()) {
            (Some(timer), Some(parcel)) => Some(timer.min(parcel)),
            (timer, parcel) => timer.or(parcel),
        }
    }

    /// Tells what came of sending a parcel: done, tried again later, or parked after ten attempts.
    pub fn settled(&mut self, now: Timestamp, id: u64, outcome: Outcome) {
        self.advance(now);
        let Some(attempted) = self.outbox.settle(id, outcome, self.now) else {
            return;
        };
        match attempted.kind {
            ParcelKind::Events { records } => {
                if outcome.is_success() {
                    self.records_pushed += u64::try_from(records).unwrap_or(0);
                }
            }
            ParcelKind::Webhook { test: Some(test), .. } => {
                let status = match outcome {
                    Outcome::Answered(status) => Some(status),
                    Outcome::NoAnswer => None,
                };
                if let Some(event) = self.webhooks.tests.get_mut(&test) {
                    event.callback = attempted.url;
                    event.attempts.push(TestAttempt { at: self.now, status });
                }
            }
            ParcelKind::Webhook { test: None, .. } => {}
        }
    }

    fn happen(&mut self, due: &Due) {
        match *due {
            Due::EntitlementSettles { customer, entitlement, version } => {
                self.settle_entitlement(customer, entitlement, version);
            }
            Due::SeatAges { customer, seat } => self.age_seat(customer, seat),
            Due::PatchSettles { operation } => self.settle_patch(operation),
            Due::Reenable { subscription } => {
                self.reenable(subscription);
            }
            Due::StoryStep { story } => self.tell_next_step(story),
        }
    }

    fn settle_entitlement(&mut self, customer: usize, entitlement: Uuid, version: u32) {
        let Some(found) = self.entitlement(customer, entitlement) else {
            return;
        };
        if found.version != version {
            return;
        }
        let settled = match found.state {
            EntitlementState::Cancelling => EntitlementState::Inactive,
            EntitlementState::Reactivating => EntitlementState::Active,
            EntitlementState::Active | EntitlementState::Inactive => return,
        };
        self.set_entitlement(customer, entitlement, settled, &Cause::clock());
        if settled == EntitlementState::Inactive {
            self.defy(entitlement);
        }
    }

    fn age_seat(&mut self, customer: usize, seat: Uuid) {
        let Some(found) = self.seat(customer, seat) else {
            return;
        };
        // A timer of an earlier term finds nothing due; the change that moved the term set its own.
        if let Some(aged) = age(found, self.now) {
            self.put_seat(customer, aged, &Cause::clock());
        }
    }

    fn settle_patch(&mut self, operation: u64) {
        let Some(operation) = self.operations.finish(operation) else {
            return;
        };
        let cause = Cause {
            route: "subscription_patch",
            actor: operation.actor.clone(),
            request_id: operation.request_id.clone(),
        };
        let Some(seat) = self.seat(operation.customer, operation.subscription) else {
            return;
        };
        if let Ok(changed) = change(seat, &operation.wish, self.now) {
            self.put_seat(operation.customer, changed, &cause);
        }
    }
}
