//! Who is on call, as the partner's files say it: receivers, whose turn it is by week, and who is woken after whom.
//! Which message is sent when is `paging`'s; how a message reaches its receiver is not known here.

use crate::ids::AccountId;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most receivers of a policy.
pub const MAX_RECEIVERS: usize = 50;
/// The most turns of a rota.
pub const MAX_TURNS: usize = 52;
/// The most steps of an escalation.
pub const MAX_ESCALATION_STEPS: usize = 10;
/// The most receivers of one step.
pub const MAX_RECEIVERS_PER_STEP: usize = 5;
/// The days of a turn.
const DAYS_OF_A_TURN: i64 = 7;

/// Who is woken when something can't wait.
#[derive(Debug, Clone, PartialEq)]
pub struct OnCall {
    /// Receivers, by name.
    pub receivers: BTreeMap<String, Receiver>,
    /// Whose turn it is, by week; nothing when nobody takes turns.
    pub rota: Option<Rota>,
    /// Who is woken after whom, the earliest first.
    pub steps: Vec<EscalationStep>,
    /// So long before the target of an answer somebody is woken.
    pub before_target: SignedDuration,
    /// So long before the limit of an answer somebody is woken.
    pub before_limit: SignedDuration,
}

/// Whom a message reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// The channel of the settings that leads there.
    pub channel: String,
    /// The person, when it is one: nobody is woken about their own proposal.
    pub user: Option<AccountId>,
    /// The language the receiver reads.
    pub language: Language,
}

/// A language that messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Swedish.
    Sv,
}

/// Receivers who take turns, a week each.
#[derive(Debug, Clone, PartialEq)]
pub struct Rota {
    /// Where the hand-over is told by the clock.
    pub zone: TimeZone,
    /// When the first turn begins.
    pub begins: DateTime,
    /// Names of receivers, in order; after the last the first again.
    pub turns: Vec<String>,
}

/// A step of the escalation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationStep {
    /// How long after the beginning.
    pub after: SignedDuration,
    /// Who is woken then.
    pub to: Vec<Target>,
}

/// Who is meant in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Whose turn it is.
    OnCall,
    /// A receiver by name.
    Receiver(String),
}

/// A message that the escalation asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted<'a> {
    /// The step, from 0.
    pub(crate) step: u32,
    /// When.
    pub(crate) due: Timestamp,
    /// The receiver's name.
    pub(crate) name: &'a str,
    /// The receiver.
    pub(crate) receiver: &'a Receiver,
}

impl Rota {
    /// Whose turn it is at an instant; nobody's before the first.
    #[must_use]
    pub fn turn(&self, at: Timestamp) -> Option<&str> {
        let local = at.to_zoned(self.zone.clone()).datetime();
        let days = local.duration_since(self.begins).as_secs().div_euclid(24 * 60 * 60);
        let turns = i64::try_from(self.turns.len()).ok().filter(|turns| *turns > 0)?;
        let place = (days >= 0).then(|| days.div_euclid(DAYS_OF_A_TURN).rem_euclid(turns))?;
        self.turns.get(usize::try_from(place).ok()?).map(String::as_str)
    }
}

impl OnCall {
    /// The receiver with a name, by its target.
    fn receiver(&self, target: &Target, at: Timestamp) -> Option<(&str, &Receiver)> {
        let name = match target {
            Target::OnCall => self.rota.as_ref()?.turn(at)?,
            Target::Receiver(name) => name,
        };
        self.receivers.get_key_value(name).map(|(name, receiver)| (name.as_str(), receiver))
    }

    /// Every message that something asks for which waits since an instant, the earliest first. Who is left out is not
    /// woken, and whoever comes first is woken at once.
    pub(crate) fn wanted(&self, since: Timestamp, without: Option<AccountId>) -> Vec<Wanted<'_>> {
        let mut wanted: Vec<Wanted<'_>> = Vec::new();
        let mut skipped: Option<SignedDuration> = None;
        for (step, number) in self.steps.iter().zip(0..) {
            let after = skipped.map_or(SignedDuration::ZERO, |first| step.after.saturating_sub(first));
            let due = since.saturating_add(after).unwrap_or(Timestamp::MAX);
            let reached = step.to.iter().filter_map(|target| self.receiver(target, due));
            let others = reached.filter(|(_, receiver)| receiver.user.is_none() || receiver.user != without);
            let before = wanted.len();
            for (name, receiver) in others {
                let twice = wanted.iter().any(|other| other.step == number && other.name == name);
                if !twice {
                    wanted.push(Wanted { step: number, due, name, receiver });
                }
            }
            if skipped.is_none() && wanted.len() > before {
                skipped = Some(step.after);
            }
        }
        wanted
    }

    /// Whether somebody else than a person can be woken about what waits since an instant.
    pub(crate) fn reaches(&self, since: Timestamp, without: AccountId) -> bool {
        !self.wanted(since, Some(without)).is_empty()
    }
}
