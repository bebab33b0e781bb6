//! A seat subscription: its states, its clocks, and what a change to it may be.
//! Pure: a wish and a time go in, the changed subscription or a refusal comes out.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// How long after purchase or renewal a seat subscription can be cancelled (microsoft.md 5.4).
pub(crate) const CANCEL_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long an expired subscription keeps running, and how long a suspended one rests after its term.
pub(crate) const EXPIRED_LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a disabled subscription is kept before it is deleted.
pub(crate) const DISABLED_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Terms that begin from 2025-04-01 and end from 2026-05-04 have no free grace period: without renewal they roll into a
/// paid extended service term, unless they are cancelled at term end (practice.md, correction 2).
pub(crate) const EXTENSION_TERM_BEGINS_FROM: Timestamp = Timestamp::constant(1_743_465_600, 0);
pub(crate) const EXTENSION_TERM_ENDS_FROM: Timestamp = Timestamp::constant(1_777_852_800, 0);
/// The largest quantity of one seat subscription that the sandbox accepts.
pub(crate) const MAX_SEATS: u32 = 10_000;

/// A seat subscription bought by a customer.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) id: Uuid,
    /// Place in the list of seat offers.
    pub(crate) offer: u8,
    pub(crate) quantity: u32,
    pub(crate) status: SeatStatus,
    pub(crate) version: u32,
    pub(crate) auto_renew: bool,
    pub(crate) bought: Timestamp,
    pub(crate) term_start: Timestamp,
    pub(crate) term_end: Timestamp,
    pub(crate) term: Term,
    pub(crate) billing: Billing,
    /// Whether it runs in a paid extended service term, month by month.
    pub(crate) extended: bool,
    /// Whether it ends with its term instead of rolling into an extended service term.
    pub(crate) cancel_at_term_end: bool,
    pub(crate) next_term: NextTerm,
    pub(crate) next_charge: Option<Box<Value>>,
    pub(crate) friendly_name: Option<Box<str>>,
}

impl Seat {
    /// The last instant at which it can be cancelled.
    pub(crate) fn cancellable_until(&self) -> Timestamp {
        if self.extended {
            // An extended service term can be cancelled on any day.
            self.term_end
        } else {
            later(self.term_start, CANCEL_WINDOW)
        }
    }
}

/// The `status` of a seat subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeatStatus {
    Active,
    Suspended,
    Expired,
    Disabled,
    Deleted,
}

impl SeatStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Expired, Self::Disabled, Self::Deleted]
            .into_iter()
            .find(|status| status.word().eq_ignore_ascii_case(word))
    }
}

/// The length of one commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Term {
    Month,
    Year,
}

impl Term {
    pub(crate) fn iso(self) -> &'static str {
        match self {
            Self::Month => "P1M",
            Self::Year => "P1Y",
        }
    }

    pub(crate) fn length(self) -> SignedDuration {
        match self {
            Self::Month => SignedDuration::from_hours(30 * 24),
            Self::Year => SignedDuration::from_hours(365 * 24),
        }
    }
}

/// How often the partner is billed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Billing {
    Monthly,
    Annual,
}

impl Billing {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Annual => "annual",
        }
    }
}

/// What is scheduled for the next term.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NextTerm {
    Nothing,
    /// The same product with this quantity: what most partners schedule.
    Quantity(u32),
    /// As a caller gave it.
    Given(Box<Value>),
}

/// What a PATCH of the whole resource asks for. Absent renewal members mean their reset (microsoft.md 5.4).
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) status: Option<String>,
    pub(crate) quantity: Option<u64>,
    pub(crate) auto_renew: Option<bool>,
    pub(crate) next_term: Option<Value>,
    pub(crate) next_charge: Option<Value>,
    pub(crate) friendly_name: Option<String>,
}

/// Why a change is refused: status, code and text of the E1 shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into() }
    }
}

/// Changes the subscription as wished, or says by which documented rule not.
pub(crate) fn change(seat: &Seat, wish: &Wish, now: Timestamp) -> Result<Seat, Refusal> {
    let wanted = match wish.status.as_deref() {
        None => seat.status,
        Some(word) => SeatStatus::from_word(word)
            .ok_or_else(|| Refusal::new(400, "800096", "Cannot update the status to this value."))?,
    };
    allowed(seat, wanted, now)?;
    let mut changed = seat.clone();
    changed.status = wanted;
    set_quantity(&mut changed, seat, wish, wanted)?;
    changed.auto_renew = wish.auto_renew.unwrap_or(false);
    changed.next_term = match &wish.next_term {
        None => NextTerm::Nothing,
        Some(value) => NextTerm::Given(Box::new(value.clone())),
    };
    changed.next_charge = wish.next_charge.clone().map(Box::new);
    if let Some(name) = &wish.friendly_name {
        changed.friendly_name = Some(name.as_str().into());
    }
    if seat.status == SeatStatus::Active && wanted == SeatStatus::Suspended {
        // practice.md, playbook "late payer": suspension turns auto-renew off and drops the scheduled changes.
        changed.auto_renew = false;
        changed.next_term = NextTerm::Nothing;
    }
    if wanted == SeatStatus::Deleted {
        changed.auto_renew = false;
        changed.next_term = NextTerm::Nothing;
        changed.next_charge = None;
    }
    changed.version += 1;
    Ok(changed)
}

fn allowed(seat: &Seat, wanted: SeatStatus, now: Timestamp) -> Result<(), Refusal> {
    let refuse = |code, text: &str| Err(Refusal::new(400, code, text));
    match (seat.status, wanted) {
        (SeatStatus::Deleted, _) => refuse("2011", "A deleted subscription cannot be updated."),
        (SeatStatus::Active, SeatStatus::Active | SeatStatus::Suspended)
        | (SeatStatus::Suspended, SeatStatus::Suspended) => Ok(()),
        (SeatStatus::Suspended, SeatStatus::Active) if now < seat.term_end => Ok(()),
        (SeatStatus::Active | SeatStatus::Suspended, SeatStatus::Deleted) => {
            if now <= seat.cancellable_until() {
                Ok(())
            } else {
                refuse("900117", "The cancellation window of 7 days has passed.")
            }
        }
        (from, to) => Err(Refusal::new(
            400,
            "800040",
            format!("The asset status cannot change from {} to {}.", from.word(), to.word()),
        )),
    }
}

fn set_quantity(changed: &mut Seat, seat: &Seat, wish: &Wish, wanted: SeatStatus) -> Result<(), Refusal> {
    let Some(quantity) = wish.quantity else {
        return Ok(());
    };
    let quantity = u32::try_from(quantity)
        .ok()
        .filter(|quantity| (1..=MAX_SEATS).contains(quantity))
        .ok_or_else(|| Refusal::new(400, "2002", "The quantity is out of range."))?;
    if quantity == seat.quantity {
        return Ok(());
    }
    if wanted == SeatStatus::Suspended && seat.status == SeatStatus::Active {
        return Err(Refusal::new(400, "2001", "The quantity cannot change while suspending."));
    }
    if seat.status == SeatStatus::Suspended {
        return Err(Refusal::new(400, "800091", "Cannot update a suspended subscription."));
    }
    changed.quantity = quantity;
    Ok(())
}

/// What the clock alone does at `now`: renewal, expiry, disabling and deletion. None when nothing is due.
pub(crate) fn age(seat: &Seat, now: Timestamp) -> Option<Seat> {
    let mut aged = seat.clone();
    let disabled_at = later(seat.term_end, EXPIRED_LASTS);
    match seat.status {
        SeatStatus::Active if now >= seat.term_end && seat.auto_renew => renew(&mut aged),
        SeatStatus::Active if now >= seat.term_end && seat.cancel_at_term_end => {
            aged.status = SeatStatus::Disabled;
        }
        SeatStatus::Active if now >= seat.term_end && is_extendable(seat) => extend(&mut aged),
        SeatStatus::Active if now >= seat.term_end => aged.status = SeatStatus::Expired,
        SeatStatus::Suspended if now >= seat.term_end => aged.status = SeatStatus::Disabled,
        SeatStatus::Expired if now >= disabled_at => aged.status = SeatStatus::Disabled,
        SeatStatus::Disabled if now >= later(disabled_at, DISABLED_LASTS) => {
            aged.status = SeatStatus::Deleted;
        }
        _ => return None,
    }
    aged.version += 1;
    Some(aged)
}

/// When the clock changes the subscription next.
pub(crate) fn next_age(seat: &Seat) -> Option<Timestamp> {
    let disabled_at = later(seat.term_end, EXPIRED_LASTS);
    match seat.status {
        SeatStatus::Active | SeatStatus::Suspended => Some(seat.term_end),
        SeatStatus::Expired => Some(disabled_at),
        SeatStatus::Disabled => Some(later(disabled_at, DISABLED_LASTS)),
        SeatStatus::Deleted => None,
    }
}

fn is_extendable(seat: &Seat) -> bool {
    seat.extended || (seat.term_start >= EXTENSION_TERM_BEGINS_FROM && seat.term_end >= EXTENSION_TERM_ENDS_FROM)
}

/// The next paid month of an extended service term.
fn extend(seat: &mut Seat) {
    seat.extended = true;
    seat.term = Term::Month;
    seat.billing = Billing::Monthly;
    seat.term_start = seat.term_end;
    seat.term_end = later(seat.term_end, seat.term.length());
}

fn renew(seat: &mut Seat) {
    match &seat.next_term {
        NextTerm::Nothing => {}
        NextTerm::Quantity(quantity) => seat.quantity = *quantity,
        NextTerm::Given(value) => {
            let quantity = crate::loose::number(value, "quantity")
                .and_then(|quantity| u32::try_from(quantity).ok())
                .filter(|quantity| (1..=MAX_SEATS).contains(quantity));
            seat.quantity = quantity.unwrap_or(seat.quantity);
        }
    }
    seat.next_term = NextTerm::Nothing;
    seat.term_start = seat.term_end;
    seat.term_end = later(seat.term_end, seat.term.length());
}

/// The instant so much later, or the end of time.
pub(crate) fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(count: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + count * 86_400).unwrap()
    }

    fn seat(status: SeatStatus) -> Seat {
        Seat {
            id: Uuid::nil(),
            offer: 0,
            quantity: 10,
            status,
            version: 1,
            auto_renew: true,
            bought: day(0),
            term_start: day(0),
            term_end: day(365),
            term: Term::Year,
            billing: Billing::Monthly,
            extended: false,
            cancel_at_term_end: false,
            next_term: NextTerm::Quantity(8),
            next_charge: None,
            friendly_name: None,
        }
    }

    fn wish(status: &str) -> Wish {
        Wish {
            status: Some(status.to_owned()),
            auto_renew: Some(true),
            next_term: Some(serde_json::json!({"quantity": 8})),
            ..Wish::default()
        }
    }

    #[test]
    fn every_move_between_states_follows_the_documented_table() {
        let cases = [
            (SeatStatus::Active, "suspended", 20, Ok("suspended")),
            (SeatStatus::Active, "deleted", 7, Ok("deleted")),
            (SeatStatus::Active, "deleted", 8, Err("900117")),
            (SeatStatus::Suspended, "deleted", 3, Ok("deleted")),
            (SeatStatus::Suspended, "active", 20, Ok("active")),
            (SeatStatus::Suspended, "active", 365, Err("800040")),
            (SeatStatus::Expired, "active", 370, Err("800040")),
            (SeatStatus::Disabled, "active", 400, Err("800040")),
            (SeatStatus::Deleted, "active", 9, Err("2011")),
            (SeatStatus::Active, "resting", 9, Err("800096")),
        ];
        for (from, to, at, expected) in cases {
            let result = change(&seat(from), &wish(to), day(at));
            let found = match &result {
                Ok(changed) => Ok(changed.status.word()),
                Err(refusal) => Err(refusal.code),
            };
            assert_eq!(found, expected, "{from:?} to {to} on day {at}");
        }
    }

    #[test]
    fn suspending_drops_what_was_scheduled_and_turns_auto_renew_off() {
        let suspended = change(&seat(SeatStatus::Active), &wish("suspended"), day(20)).unwrap();
        assert!(!suspended.auto_renew);
        assert_eq!(suspended.next_term, NextTerm::Nothing);
    }

    #[test]
    fn leaving_the_renewal_members_out_resets_them() {
        let bare = Wish { status: Some("active".to_owned()), ..Wish::default() };
        let changed = change(&seat(SeatStatus::Active), &bare, day(20)).unwrap();
        assert!(!changed.auto_renew);
        assert_eq!(changed.next_term, NextTerm::Nothing);
    }

    #[test]
    fn quantities_are_checked_against_range_and_state() {
        let with = |quantity, status: &str| Wish { quantity: Some(quantity), ..wish(status) };
        let code = |from, wish: &Wish| {
            change(&seat(from), wish, day(1)).map_err(|refusal| refusal.code).map(|seat| seat.quantity)
        };
        assert_eq!(code(SeatStatus::Active, &with(0, "active")), Err("2002"));
        assert_eq!(code(SeatStatus::Active, &with(12, "suspended")), Err("2001"));
        assert_eq!(code(SeatStatus::Suspended, &with(12, "suspended")), Err("800091"));
        assert_eq!(code(SeatStatus::Active, &with(12, "active")), Ok(12));
    }

    #[test]
    fn the_clock_alone_renews_expires_disables_and_deletes() {
        let renewed = age(&seat(SeatStatus::Active), day(365)).unwrap();
        assert_eq!((renewed.status, renewed.quantity), (SeatStatus::Active, 8));
        assert_eq!(renewed.term_end, day(730));
        // A term that began before April 2025 still has the old, free grace period.
        let without = Seat { auto_renew: false, term_start: day(-500), ..seat(SeatStatus::Active) };
        let expired = age(&without, day(365)).unwrap();
        assert_eq!(expired.status, SeatStatus::Expired);
        assert!(age(&expired, day(394)).is_none());
        let disabled = age(&expired, day(395)).unwrap();
        assert_eq!(disabled.status, SeatStatus::Disabled);
        assert_eq!(age(&disabled, day(485)).map(|seat| seat.status), Some(SeatStatus::Deleted));
        assert_eq!(age(&seat(SeatStatus::Suspended), day(365)).map(|seat| seat.status), Some(SeatStatus::Disabled));
    }

    #[test]
    fn auto_renew_off_alone_rolls_into_a_paid_extension_and_only_cancelling_at_term_end_stops_it() {
        let off = Seat { auto_renew: false, ..seat(SeatStatus::Active) };
        let extended = age(&off, day(365)).unwrap();
        assert_eq!((extended.status, extended.extended, extended.term), (SeatStatus::Active, true, Term::Month));
        assert_eq!(extended.term_end, day(395));
        assert_eq!(age(&extended, day(395)).map(|seat| seat.term_end), Some(day(425)));
        assert!(change(&extended, &wish("deleted"), day(380)).is_ok());
        let ended = age(&Seat { cancel_at_term_end: true, ..off }, day(365)).unwrap();
        assert_eq!(ended.status, SeatStatus::Disabled);
    }
}
