//! The world before anything happens: the policy in force, the connection, the customers as a sync would register them,
//! and who of them is attacked.

use crate::attack::findings;
use crate::scheduler::{Chance, lock};
use crate::seams::SimClock;
use crate::world::{ATTACKED, CAP, CUSTOMERS, Victim};
use desk::{Clock, Desk};
use domain::body::Body;
use domain::customers::{
    AzureStatus, AzureSubscriptionSeen, Cloud, CustomerRegistered, SubscriptionKind, SubscriptionSeen,
    SubscriptionStatus,
};
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor, AzureSubscriptionId, SubscriptionId, TenantId};
use domain::people::{ActionsSwitched, ConnectionAdded, PolicyPublished};
use domain::policy::Policy;
use domain::sealed::{Retention, Sealed};
use jiff::Timestamp;
use sandbox::World;
use std::sync::{Arc, Mutex};

pub(crate) async fn publish_policy(desk: &Desk, clock: &SimClock) -> Arc<Policy> {
    let mut files = policy::Bundle::embedded().files().clone();
    let containment = files.get_mut("containment.toml").expect("the shipped file");
    let text = String::from_utf8(containment.clone()).expect("text");
    *containment = text.replace("changes_per_hour = 40", &format!("changes_per_hour = {CAP}")).into_bytes();
    files.insert("on-call.toml".to_owned(), crate::paging::ON_CALL.as_bytes().to_vec());
    let bundle = policy::Bundle::of(files).expect("a bundle");
    let hash = bundle.hash();
    desk.store.put_bundle(hash, &bundle.to_bytes()).await.expect("the bundle is kept");
    let published = PolicyPublished { hash, from: clock.now(), epoch: 1 };
    record(desk, AccountId::of_policy(), AccountKind::Policy, clock.now(), vec![Body::PolicyPublished(published)])
        .await;
    desk.policies.refresh().await.expect("the timeline");
    desk.policies.get(hash).await.expect("the policy")
}

pub(crate) async fn connect(desk: &Desk, connection: AccountId, partner_tenant: TenantId, at: Timestamp) {
    let added = ConnectionAdded { partner_tenant, cloud: Cloud::Public, label: "simulated".to_owned() };
    let bodies = vec![Body::ConnectionAdded(added), Body::ActionsSwitched(ActionsSwitched { on: true })];
    record(desk, connection, AccountKind::Connection, at, bodies).await;
}

pub(crate) async fn record(desk: &Desk, account: AccountId, kind: AccountKind, at: Timestamp, bodies: Vec<Body>) {
    let told = |body| NewFact { happened: at, actor: Actor::Program, source_key: None, body };
    desk.record(account, kind, bodies.into_iter().map(told).collect()).await.expect("recorded");
}

/// Registers the customers as a sync would, and picks those who are attacked.
pub(crate) async fn register(
    desk: &Desk,
    connection: AccountId,
    microsoft: &Arc<Mutex<World>>,
    at: Timestamp,
    chance: &Chance,
) -> Vec<Victim> {
    let mut victims = Vec::new();
    for number in 0..CUSTOMERS {
        let truth = lock(microsoft).customer_truth(number).expect("a customer");
        let account = AccountId::of_customer(connection, TenantId(truth.tenant));
        let mut bodies = vec![Body::CustomerRegistered(CustomerRegistered {
            connection,
            tenant: TenantId(truth.tenant),
            cloud: Cloud::Public,
            name: Sealed::from_ciphertext(Retention::Contact, "sealed".to_owned()),
            domain: None,
            country: Some(truth.country.to_owned()),
            reseller: None,
            debtor: None,
        })];
        let Some(plan) = truth.plan.map(SubscriptionId) else { continue };
        bodies.push(Body::SubscriptionSeen(SubscriptionSeen {
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
        }));
        let active: Vec<_> = truth.entitlements.iter().filter(|entitlement| entitlement.status == "active").collect();
        bodies.extend(active.iter().map(|entitlement| {
            Body::AzureSubscriptionSeen(AzureSubscriptionSeen {
                azure_subscription: AzureSubscriptionId(entitlement.id),
                plan,
                status: AzureStatus::Active,
            })
        }));
        record(desk, account, AccountKind::Customer, at, bodies).await;
        if victims.len() < ATTACKED
            && let Some(target) = active.get(chance.below(active.len()))
        {
            let azure = AzureSubscriptionId(target.id);
            let alert_in_round = 3 + u32::try_from(chance.below(30)).unwrap_or(0);
            victims.push(Victim { account, azure, findings: findings(azure, at, chance), alert_in_round });
        }
    }
    assert_eq!(victims.len(), ATTACKED, "enough customers have Azure");
    victims
}
