//! Who is on call in the simulated world, how they are reached, and what must be true of every page.

use crate::attack::findings;
use crate::beginning::{publish_policy, record};
use crate::outbound::ORIGIN;
use crate::people::Person;
use crate::scheduler::Chance;
use crate::seams::SimClock;
use desk::{Clock, Desk};
use domain::body::Body;
use domain::containment::ActionClass;
use domain::customers::{
    AzureStatus, AzureSubscriptionSeen, Cloud, CustomerRegistered, SubscriptionKind, SubscriptionSeen,
    SubscriptionStatus,
};
use domain::effects::{EffectRef, EffectResult};
use domain::fact::Fact;
use domain::ids::{AccountId, AccountKind, ActionId, AzureSubscriptionId, SubscriptionId, TenantId, derived_id};
use domain::paging::PageAbout;
use domain::reason::Reason;
use domain::sealed::{Retention, Sealed};
use jiff::{SignedDuration, Timestamp};
use microsoft::seam::Outbound;
use outside::{Channel, ChannelKind};
use runtime::Channels;
use sandbox::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long a page waits for an answer, by the shipped policy.
const UNANSWERED: SignedDuration = SignedDuration::from_mins(15);

/// `on-call.toml` of this world: a phone first, then the desk's channel.
pub const ON_CALL: &str = r#"enabled = true
[answers]
before_target = "15 min"
before_limit = "2 h"
[[receiver]]
name = "phone"
channel = "phone"
lang = "sv"
[[receiver]]
name = "desk"
channel = "desk"
lang = "en"
[[step]]
to = ["phone"]
[[step]]
after = "10 min"
to = ["desk", "phone"]
"#;

/// The channels of this world, at the receivers of the simulated Microsoft under `origin`.
///
/// # Panics
/// When an address of this world is none.
#[must_use]
pub fn channels(origin: &str, outbound: Arc<dyn Outbound>) -> Channels {
    let secret = Some(sandbox::RECEIVER_SECRET.into());
    let phone = format!("{origin}/receivers/webhook/phone").into();
    let desk = format!("{origin}/receivers/teams/desk").into();
    let by_name = BTreeMap::from([
        ("phone".to_owned(), Channel::new(ChannelKind::Webhook, phone, secret).expect("a channel")),
        ("desk".to_owned(), Channel::new(ChannelKind::Teams, desk, None).expect("a channel")),
    ]);
    Channels::new(by_name, outbound, Some(ORIGIN))
}

/// What one account's journal says of its pages.
#[derive(Debug, Default)]
struct Told {
    /// About what, and by which channel.
    pages: BTreeMap<EffectRef, (PageAbout, String)>,
    ended: BTreeMap<EffectRef, (Timestamp, bool)>,
    taken_on: BTreeMap<ActionId, Timestamp>,
    proposed: BTreeMap<ActionId, Timestamp>,
}

/// Everything that is wrong with the pages of an account.
pub fn breaches(account: AccountId, facts: &[Fact], world: &World, breaches: &mut Vec<String>) {
    let mut told = Told::default();
    for fact in facts {
        match &fact.body {
            Body::PageOrdered(ordered) => {
                let page = EffectRef { version: fact.version, ordinal: 0 };
                told.pages.insert(page, (ordered.about, ordered.channel.clone()));
            }
            Body::EffectFinished(end) if told.pages.contains_key(&end.effect) => {
                let sent = matches!(end.result, EffectResult::Done { .. });
                if told.ended.insert(end.effect, (fact.at, sent)).is_some() {
                    breaches.push(format!("page: message {} of {account} ended twice", end.effect.version));
                }
            }
            Body::PageAcknowledged(yes) => {
                if let PageAbout::Approval { action } = yes.about {
                    told.taken_on.entry(action).or_insert(fact.at);
                }
            }
            Body::ActionProposed(action) => {
                told.proposed.insert(action.action, fact.at);
            }
            Body::ActionReleased(released) => {
                told.released(account, fact.at, released.action, &released.reasons, breaches);
            }
            _ => {}
        }
    }
    told.came_through(account, world, breaches);
}

impl Told {
    /// The proposer acts alone only so long after a message came through that nobody took on, or after the proposal
    /// when none came through at all.
    fn released(
        &self,
        account: AccountId,
        at: Timestamp,
        action: ActionId,
        reasons: &[Reason],
        breaches: &mut Vec<String>,
    ) {
        let is_about = |about: &PageAbout| *about == PageAbout::Approval { action };
        let of_action = self.pages.iter().filter(|(_, (about, _))| is_about(about));
        let of_action = of_action.filter_map(|(page, _)| self.ended.get(page));
        let sent = of_action.filter(|(_, sent)| *sent).map(|(at, _)| *at).min();
        let proposed = self.proposed.get(&action).copied().unwrap_or(at);
        let alone = reasons.iter().any(|reason| matches!(reason, Reason::PageUnanswered | Reason::NobodyPaged));
        let since = match reasons {
            [Reason::PageUnanswered] => sent,
            [Reason::NobodyPaged] if sent.is_none() => Some(proposed),
            [Reason::NobodyPaged] => None,
            _ => return,
        };
        if alone && since.is_none_or(|since| at < since + UNANSWERED) {
            breaches.push(format!("page: action {action} of {account} was released alone too early: {reasons:?}"));
        }
        if alone && self.taken_on.contains_key(&action) {
            breaches.push(format!("page: action {action} of {account} was released alone though it was taken on"));
        }
    }

    /// What is told as sent was received.
    fn came_through(&self, account: AccountId, world: &World, breaches: &mut Vec<String>) {
        let known: BTreeSet<&str> = world.received().iter().filter_map(|message| message.id.as_deref()).collect();
        // A card carries no id, so that only the messages to the phone are told apart.
        let to_the_phone = |page: &EffectRef| self.pages.get(page).is_some_and(|(_, channel)| channel == "phone");
        for page in self.ended.iter().filter(|(page, (_, sent))| *sent && to_the_phone(page)).map(|(page, _)| page) {
            let id = format!("msg_{}", derived_id(account, "page", page.version, page.ordinal));
            if !known.contains(id.as_str()) {
                breaches.push(format!("page: message {} of {account} is told as sent and nobody got it", page.version));
            }
        }
    }
}

/// A customer under attack with a proposal for 03:00 that a person made: what somebody is woken about. Somebody is on
/// call by this world's policy.
///
/// # Panics
/// When the desk refuses any of it.
pub async fn case_in_an_emergency(desk: &Desk, clock: &SimClock, chance: &Chance, agent: &Person) -> AccountId {
    let at = clock.now();
    publish_policy(desk, clock).await;
    let tenant = TenantId(uuid::Uuid::from_u128(0x7e));
    let connection = AccountId::of_connection(TenantId(uuid::Uuid::from_u128(0xc0)), Cloud::Public.word());
    let account = AccountId::of_customer(connection, tenant);
    let (plan, azure) = (SubscriptionId(uuid::Uuid::from_u128(0x91)), AzureSubscriptionId(uuid::Uuid::from_u128(0xa2)));
    let bodies = vec![
        Body::CustomerRegistered(CustomerRegistered {
            connection,
            tenant,
            cloud: Cloud::Public,
            name: Sealed::from_ciphertext(Retention::Contact, "sealed".to_owned()),
            domain: None,
            country: None,
            reseller: None,
            debtor: None,
        }),
        Body::SubscriptionSeen(SubscriptionSeen {
            subscription: plan,
            kind: SubscriptionKind::AzurePlan,
            offer: "Azure plan".to_owned(),
            status: SubscriptionStatus::Active,
            quantity: 1,
            auto_renew: true,
            consumer: account,
            debtor: account,
            reseller: None,
            connection,
        }),
        Body::AzureSubscriptionSeen(AzureSubscriptionSeen {
            azure_subscription: azure,
            plan,
            status: AzureStatus::Active,
        }),
    ];
    record(desk, account, AccountKind::Customer, at, bodies).await;
    let findings = findings(azure, at, chance).into_iter().map(|(_, finding)| finding).collect();
    desk.record(account, AccountKind::Customer, findings).await.expect("recorded");
    agent.propose(desk, account, ActionClass::Emergency).await.expect("proposed");
    account
}
