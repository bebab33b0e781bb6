//! Paging: waking whoever is on call when a proposal for 03:00 waits, or an answer to Microsoft is near its limit; who
//! said "I have it"; and when a page counts as unanswered. How a message is sent is `runtime`'s.

mod on_call;

pub use on_call::{
    EscalationStep, Language, MAX_ESCALATION_STEPS, MAX_RECEIVERS, MAX_RECEIVERS_PER_STEP, MAX_TURNS, OnCall, Receiver,
    Rota, Target,
};

use crate::body::Body;
use crate::cases::Mark;
use crate::containment::{Action, ActionClass, ActionState, Refusal};
use crate::effects::{EffectRef, EffectResult};
use crate::fact::NewFact;
use crate::file::CustomerFile;
use crate::ids::{AccountId, ActionId, Actor, CaseId};
use crate::notices::AlertStatus;
use crate::permission::{Caller, Permission, roles_allowing};
use crate::policy::Policy;
use crate::reason::Reason;
use jiff::{SignedDuration, Timestamp};
use on_call::Wanted;
use serde::{Deserialize, Serialize};

/// How long a message is worth sending.
pub const PAGE_GOOD_FOR: SignedDuration = SignedDuration::from_mins(5);
/// The most messages about one customer within a minute: what is beyond comes a minute later.
pub const MAX_PAGES_PER_MINUTE: usize = 20;
/// The most messages about one thing that a file keeps.
pub const MAX_CALLS: usize = MAX_ESCALATION_STEPS * MAX_RECEIVERS_PER_STEP;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// What somebody is woken about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageAbout {
    /// A proposal for 03:00 waits for another's approval.
    Approval {
        /// The action.
        action: ActionId,
    },
    /// An answer to Microsoft is near a mark of its clock.
    Answer {
        /// The case.
        case: CaseId,
        /// The mark.
        mark: Mark,
    },
}

/// Decided: a receiver is to be woken. No name and no address is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOrdered {
    /// About what.
    pub about: PageAbout,
    /// Which step of the escalation, from 0.
    pub step: u32,
    /// The receiver's name in the policy.
    pub receiver: String,
    /// The person behind it, when it is one.
    pub user: Option<AccountId>,
    /// The channel of the settings.
    pub channel: String,
    /// The language to write in.
    pub language: Language,
    /// Until when it is worth sending.
    pub good_until: Timestamp,
}

/// Answer: a person has seen the page and takes it on. Nobody else is woken about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageAcknowledged {
    /// About what.
    pub about: PageAbout,
    /// Who.
    pub by: AccountId,
}

/// How a proposal for 03:00 may come to be approved by its proposer alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageRule {
    /// An ordinary proposal, or one of a release that paged nobody: the time counts from the proposal.
    #[default]
    None,
    /// Whoever is on call is woken: the time counts from the first message that was delivered.
    OnCall,
    /// The policy names nobody else to wake: the time counts from the proposal, and that is said.
    NobodyToPage,
}

/// What a file keeps of the messages about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// When the first was ordered.
    pub since: Timestamp,
    /// The messages, in order.
    pub calls: Vec<PageCall>,
    /// When somebody took it on, and who.
    #[serde(default)]
    pub acknowledged: Option<(Timestamp, AccountId)>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCall {
    /// Which step of the escalation, from 0.
    pub step: u32,
    /// The receiver's name in the policy.
    pub receiver: String,
    /// The person behind it, when it is one.
    pub user: Option<AccountId>,
    /// The effect that sends it.
    pub effect: EffectRef,
    /// Until when it is tried.
    pub good_until: Timestamp,
    /// How it ended; nothing while it is tried.
    #[serde(default)]
    pub end: Option<CallEnd>,
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// The channel took it.
    Sent(Timestamp),
    /// It did not come through.
    Failed {
        /// The channel's status or our own word for it.
        code: String,
    },
}

/// How many messages were ordered within a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagePace {
    /// When the minute began.
    pub from: Timestamp,
    /// How many.
    pub count: usize,
}

/// Something that people may have to be woken about.
struct Waits<'a> {
    about: PageAbout,
    since: Timestamp,
    page: Option<&'a Page>,
    without: Option<AccountId>,
}

impl Page {
    fn has(&self, wanted: &Wanted<'_>) -> bool {
        self.calls.iter().any(|call| call.step == wanted.step && call.receiver == wanted.name)
    }

    /// When the first message came through to somebody else than `without`.
    #[must_use]
    pub fn delivered(&self, without: AccountId) -> Option<Timestamp> {
        let sent = self.calls.iter().filter(|call| call.user != Some(without)).filter_map(|call| match call.end {
            Some(CallEnd::Sent(at)) => Some(at),
            Some(CallEnd::Failed { .. }) | None => None,
        });
        sent.min()
    }
}

impl CustomerFile {
    pub(crate) fn page_ordered(&mut self, version: u64, at: Timestamp, ordered: &PageOrdered) {
        let lately = self.paged.filter(|lately| at.duration_since(lately.from) < MINUTE);
        self.paged = Some(lately.map_or(PagePace { from: at, count: 1 }, |lately| PagePace {
            count: lately.count.saturating_add(1),
            ..lately
        }));
        let Some(page) = self.page_or_new(ordered.about, at) else { return };
        if page.calls.len() < MAX_CALLS {
            page.calls.push(PageCall {
                step: ordered.step,
                receiver: ordered.receiver.clone(),
                user: ordered.user,
                effect: EffectRef { version, ordinal: 0 },
                good_until: ordered.good_until,
                end: None,
            });
        }
    }

    pub(crate) fn page_acknowledged(&mut self, at: Timestamp, acknowledged: &PageAcknowledged) {
        if let Some(page) = self.page_or_new(acknowledged.about, at) {
            page.acknowledged.get_or_insert((at, acknowledged.by));
        }
    }

    /// Who takes a case, or writes into it, is awake: nobody else is woken about its answers so far.
    pub(crate) fn case_taken_on(&mut self, case: CaseId, actor: Actor, at: Timestamp) {
        let Actor::User(by) = actor else { return };
        let pages = self.cases.get_mut(&case).into_iter().flat_map(|case| case.pages.values_mut());
        for page in pages {
            page.acknowledged.get_or_insert((at, by));
        }
    }

    pub(crate) fn page_finished(&mut self, effect: EffectRef, at: Timestamp, result: &EffectResult) {
        let of_actions = self.actions.values_mut().filter_map(|action| action.page.as_mut());
        let of_cases = self.cases.values_mut().flat_map(|case| case.pages.values_mut());
        let mut calls = of_actions.chain(of_cases).flat_map(|page| page.calls.iter_mut());
        let Some(call) = calls.find(|call| call.effect == effect) else { return };
        let failed = |code: &str| CallEnd::Failed { code: code.to_owned() };
        call.end = Some(match result {
            EffectResult::Done { .. } => CallEnd::Sent(at),
            EffectResult::Refused { code } | EffectResult::GaveUp { code } => failed(code),
            EffectResult::NotWanted | EffectResult::DryRun | EffectResult::Read(_) => failed("not_wanted"),
        });
    }

    fn page_or_new(&mut self, about: PageAbout, at: Timestamp) -> Option<&mut Page> {
        let new = || Page { since: at, calls: Vec::new(), acknowledged: None };
        match about {
            PageAbout::Approval { action } => Some(self.actions.get_mut(&action)?.page.get_or_insert_with(new)),
            PageAbout::Answer { case, mark } => Some(self.cases.get_mut(&case)?.pages.entry(mark).or_insert_with(new)),
        }
    }

    /// Whether the message of an effect is still worth sending.
    pub(crate) fn wants_page(&self, effect: EffectRef) -> bool {
        let is_it = |page: &Page| {
            page.acknowledged.is_none() && page.calls.iter().any(|call| call.effect == effect && call.end.is_none())
        };
        let of_action =
            |action: &Action| action.state == ActionState::Proposed && action.page.as_ref().is_some_and(is_it);
        self.actions.values().any(of_action)
            || self
                .cases
                .values()
                .any(|case| case.pages.iter().any(|(mark, page)| is_it(page) && waits_at(self, case, *mark).is_some()))
    }
}

/// Since when an alert of a case waits for what a mark demands; nothing when none does.
fn waits_at(file: &CustomerFile, case: &crate::cases::Case, mark: Mark) -> Option<Timestamp> {
    let alerts = case.alerts.iter().filter_map(|id| file.alerts.get(id));
    let waiting = alerts.filter(|alert| match mark {
        Mark::Target => alert.unanswered(),
        Mark::Limit => alert.status != AlertStatus::Resolved,
    });
    waiting.map(|alert| alert.received).min()
}

/// Everything that people may have to be woken about, taken on or not.
fn waiting<'a>(file: &'a CustomerFile, policy: &Policy, on_call: &OnCall) -> Vec<Waits<'a>> {
    let mut waits = Vec::new();
    for action in file.actions.values() {
        let proposed = &action.proposed;
        if action.state == ActionState::Proposed && proposed.page == PageRule::OnCall {
            waits.push(Waits {
                about: PageAbout::Approval { action: proposed.action },
                since: action.proposed_at,
                page: action.page.as_ref(),
                without: Some(proposed.proposer),
            });
        }
    }
    let marks = [
        (Mark::Target, policy.clocks.answer_target, on_call.before_target),
        (Mark::Limit, policy.clocks.answer_limit, on_call.before_limit),
    ];
    for case in file.cases.values() {
        for (mark, span, before) in marks {
            let Some(received) = waits_at(file, case, mark) else { continue };
            let page = case.pages.get(&mark);
            let near = received.saturating_add(span.saturating_sub(before)).unwrap_or(Timestamp::MAX);
            let since = page.map_or(near, |page| page.since);
            waits.push(Waits { about: PageAbout::Answer { case: case.id, mark }, since, page, without: None });
        }
    }
    waits
}

/// The messages that were not ordered yet, about what nobody has taken on.
fn not_ordered<'a>(
    file: &CustomerFile,
    policy: &Policy,
    on_call: &'a OnCall,
) -> impl Iterator<Item = (PageAbout, Wanted<'a>)> {
    let open = waiting(file, policy, on_call).into_iter();
    open.filter(|waits| waits.page.is_none_or(|page| page.acknowledged.is_none())).flat_map(|waits| {
        let wanted = on_call.wanted(waits.since, waits.without).into_iter();
        let new: Vec<_> = wanted.filter(|wanted| waits.page.is_none_or(|page| !page.has(wanted))).collect();
        new.into_iter().map(move |wanted| (waits.about, wanted))
    })
}

/// Until when no more messages are ordered, since so many were.
fn held_until(file: &CustomerFile) -> Option<Timestamp> {
    let full = file.paged.filter(|pace| pace.count >= MAX_PAGES_PER_MINUTE)?;
    Some(full.from.saturating_add(MINUTE).unwrap_or(Timestamp::MAX))
}

pub(crate) fn decide(file: &CustomerFile, policy: &Policy, at: Timestamp) -> Vec<NewFact> {
    let Some(on_call) = &policy.on_call else { return Vec::new() };
    let used = file.paged.filter(|pace| at.duration_since(pace.from) < MINUTE).map_or(0, |pace| pace.count);
    let order = |(about, wanted): (PageAbout, Wanted<'_>)| {
        let ordered = PageOrdered {
            about,
            step: wanted.step,
            receiver: wanted.name.to_owned(),
            user: wanted.receiver.user,
            channel: wanted.receiver.channel.clone(),
            language: wanted.receiver.language,
            good_until: at.saturating_add(PAGE_GOOD_FOR).unwrap_or(Timestamp::MAX),
        };
        NewFact::decided(at, Body::PageOrdered(ordered))
    };
    let due = not_ordered(file, policy, on_call).filter(|(_, wanted)| wanted.due <= at);
    due.take(MAX_PAGES_PER_MINUTE.saturating_sub(used)).map(order).collect()
}

pub(crate) fn next_due(file: &CustomerFile, policy: &Policy) -> Option<Timestamp> {
    let on_call = policy.on_call.as_ref()?;
    let due = not_ordered(file, policy, on_call).map(|(_, wanted)| wanted.due).min()?;
    Some(held_until(file).map_or(due, |held| due.max(held)))
}

/// The rule for a new proposal.
pub(crate) fn rule_for(class: ActionClass, proposer: AccountId, policy: &Policy, at: Timestamp) -> PageRule {
    match class {
        ActionClass::Normal => PageRule::None,
        ActionClass::Emergency if policy.on_call.as_ref().is_some_and(|on_call| on_call.reaches(at, proposer)) => {
            PageRule::OnCall
        }
        ActionClass::Emergency => PageRule::NobodyToPage,
    }
}

/// From when nobody's answer to the page about a proposal is waited for any more, and why; nothing when somebody has
/// taken it on. A page is unanswered when it was delivered and nobody took it on for so long; where none could be
/// delivered, the time counts from the proposal, once no message is on its way any more.
pub(crate) fn unanswered_from(action: &Action, after: SignedDuration) -> Option<(Timestamp, Reason)> {
    let from_the_proposal = action.proposed_at.saturating_add(after).unwrap_or(Timestamp::MAX);
    let page = action.page.as_ref();
    if is_taken_on(action) {
        return None;
    }
    match action.proposed.page {
        PageRule::None => Some((from_the_proposal, Reason::PageUnanswered)),
        PageRule::NobodyToPage => Some((from_the_proposal, Reason::NobodyPaged)),
        PageRule::OnCall => {
            if let Some(delivered) = page.and_then(|page| page.delivered(action.proposed.proposer)) {
                return Some((delivered.saturating_add(after).unwrap_or(Timestamp::MAX), Reason::PageUnanswered));
            }
            let calls = page.into_iter().flat_map(|page| &page.calls);
            let on_their_way = calls.filter(|call| call.end.is_none()).map(|call| call.good_until).max();
            Some((on_their_way.map_or(from_the_proposal, |until| until.max(from_the_proposal)), Reason::NobodyPaged))
        }
    }
}

/// Whether another than the proposer has taken a proposal on.
pub(crate) fn is_taken_on(action: &Action) -> bool {
    let by = action.page.as_ref().and_then(|page| page.acknowledged).map(|(_, by)| by);
    by.is_some_and(|by| by != action.proposed.proposer)
}

/// Whether a person may take a proposal for 03:00 on, so that nobody else is woken about it.
pub fn may_acknowledge_action<'a>(
    file: &'a CustomerFile,
    action: ActionId,
    caller: &Caller,
) -> Result<&'a Action, Refusal> {
    let action = file.actions.get(&action).ok_or(Refusal::UnknownAction)?;
    if !caller.may(Permission::ActionApprove) {
        return Err(Refusal::RoleMissing(roles_allowing(Permission::ActionApprove)));
    }
    if action.state != ActionState::Proposed {
        return Err(Refusal::NotInThisState(action.state));
    }
    if action.proposed.class != ActionClass::Emergency || is_taken_on(action) {
        return Err(Refusal::NothingToAcknowledge);
    }
    if action.proposed.proposer == caller.user {
        return Err(Refusal::ProposerCannotApprove(action.proposed.roles.clone()));
    }
    Ok(action)
}
