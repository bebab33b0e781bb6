//! Partner Center's own log: filters, scope, who may read names, and reviews that are recorded once.

use crate::world::{CANARY, World};
use domain::activity::{ActivityEnd, ActivityRecorded, ActivityValues};
use domain::body::Body;
use domain::ids::{AccountId, AccountKind, ActivityId};
use domain::permission::Role;
use domain::sealed::Retention;
use serde_json::json;

impl World {
    /// Somebody did something in Partner Center for a customer; or for none, when the account is the connection.
    pub(crate) async fn done(&self, account: AccountId, record: &str, operation: &str, user: &str) -> ActivityId {
        let activity = ActivityId::of(self.connection, record);
        let values = ActivityValues { before: None, after: Some(format!("{{\"Name\":\"{CANARY}\"}}")) };
        let recorded = ActivityRecorded {
            activity,
            connection: self.connection,
            operation: operation.to_owned(),
            resource: "subscription".to_owned(),
            end: ActivityEnd::Succeeded,
            user: Some(self.vault.seal(account, Retention::Evidence, &user.to_owned()).await.unwrap()),
            who: Some(self.vault.token("user", &user.to_lowercase())),
            application: None,
            values: Some(self.vault.seal(account, Retention::Evidence, &values).await.unwrap()),
        };
        let kind = if account == self.connection { AccountKind::Connection } else { AccountKind::Customer };
        self.tell(account, kind, Body::ActivityRecorded(recorded)).await;
        activity
    }
}

/// Two records of the first customer, one of the second, one of none.
async fn told(world: &World) -> [ActivityId; 4] {
    [
        world.done(world.customer, "1", "update_subscription", "Asa@partner.example").await,
        world.done(world.customer, "2", "create_order", "bo@partner.example").await,
        world.done(world.other_customer, "3", "create_order", "asa@partner.example").await,
        world.done(world.connection, "4", "sign_agreement", "asa@partner.example").await,
    ]
}

#[tokio::test]
async fn the_log_is_filtered_by_customer_operation_person_and_review() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let records = told(&world).await;
    let count = async |filter: &str| {
        let path = format!("/api/v1/activity?filter={filter}");
        let list = world.get(&path).by(&agent).send().await.is(200).json();
        list["value"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 4);
    assert_eq!(count("operation:create_order").await, 2);
    assert_eq!(count(&format!("customer:{}", world.customer)).await, 2);
    assert_eq!(count("who:ASA@partner.example").await, 3, "letters do not matter");
    assert_eq!(count("who:ASA@partner.example%20operation:create_order").await, 1);
    assert_eq!(count("status:reviewed").await, 0);
    let these = json!({"activities": [records[0].0, records[3].0]});
    world.post("/api/v1/activity:review").by(&agent).json(&these).send().await.is(200);
    assert_eq!((count("status:reviewed").await, count("status:unreviewed").await), (2, 2));
    let one = world.get(&format!("/api/v1/activity/{}", records[0])).by(&agent).send().await.is(200).json();
    assert_eq!(one["reviewed"]["by"], agent.account.to_string());
    assert_eq!(one["values"]["value"]["after"], format!("{{\"Name\":\"{CANARY}\"}}"));
    assert_eq!(one["customer"], world.customer.to_string());
    let none = world.get(&format!("/api/v1/activity/{}", records[3])).by(&agent).send().await.is(200).json();
    assert!(none.get("customer").is_none(), "{none}");
    world.get("/api/v1/activity?filter=colour:blue").by(&agent).send().await.problem(400, "badFilter");
}

#[tokio::test]
async fn a_record_is_reviewed_once_and_what_is_left_out_is_named() {
    let world = World::quiet().await;
    let (agent, other) = (world.person(&[Role::AdminAgent]).await, world.person(&[Role::GlobalAdministrator]).await);
    let records = told(&world).await;
    let unknown = uuid::Uuid::from_u128(1);
    let review = async |by, these: serde_json::Value| {
        world.post("/api/v1/activity:review").by(by).json(&json!({"activities": these})).send().await
    };
    review(&agent, json!([records[0].0])).await.is(200);
    let done = review(&other, json!([records[0].0, records[1].0, unknown])).await.is(200).json();
    assert_eq!(done["reviewed"], json!([records[1].0]));
    let left: Vec<_> = done["leftOut"].as_array().unwrap().iter().map(|one| one["why"].clone()).collect();
    assert!(left.contains(&json!("already")) && left.contains(&json!("unknown")) && left.len() == 2, "{done}");
    let one = world.get(&format!("/api/v1/activity/{}", records[0])).by(&agent).send().await.is(200).json();
    assert_eq!(one["reviewed"]["by"], agent.account.to_string(), "the first to look stays the one");
    review(&agent, json!([])).await.problem(422, "badBody");
    let many: Vec<_> = (0..201).map(uuid::Uuid::from_u128).collect();
    review(&agent, json!(many)).await.problem(422, "badBody");
}

#[tokio::test]
async fn a_resellers_people_see_and_review_their_customers_records_only() {
    let world = World::quiet().await;
    let records = told(&world).await;
    let own = world.of_reseller(Role::AdminAgent, world.reseller).await;
    let list = world.get("/api/v1/activity").by(&own).send().await.is(200).json();
    assert_eq!(list["value"].as_array().unwrap().len(), 2);
    world.get(&format!("/api/v1/activity/{}", records[2])).by(&own).send().await.problem(404, "notFound");
    let these = json!({"activities": [records[0].0, records[2].0, records[3].0]});
    let done = world.post("/api/v1/activity:review").by(&own).json(&these).send().await.is(200).json();
    assert_eq!(done["reviewed"], json!([records[0].0]));
    let agent = world.person(&[Role::AdminAgent]).await;
    let foreign = world.get(&format!("/api/v1/activity/{}", records[2])).by(&agent).send().await.is(200).json();
    assert!(foreign.get("reviewed").is_none());
}

#[tokio::test]
async fn names_are_neither_shown_to_nor_tried_by_those_who_may_not_read_them() {
    let world = World::quiet().await;
    let records = told(&world).await;
    let auditor = world.person(&[Role::Auditor]).await;
    let one = world.get(&format!("/api/v1/activity/{}", records[0])).by(&auditor).send().await.is(200);
    assert!(!one.text.contains("partner.example") && !one.text.contains(CANARY), "{}", one.text);
    let tried = world.get("/api/v1/activity?filter=who:asa@partner.example").by(&auditor).send().await;
    tried.problem(403, "roleMissing");
}

#[tokio::test]
async fn an_operation_that_went_on_after_its_review_waits_for_another() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let record = world.done(world.customer, "1", "update_subscription", "asa@partner.example").await;
    let these = json!({"activities": [record.0]});
    world.post("/api/v1/activity:review").by(&agent).json(&these).send().await.is(200);
    world.done(world.customer, "1", "update_subscription", "asa@partner.example").await;
    let one = world.get(&format!("/api/v1/activity/{record}")).by(&agent).send().await.is(200).json();
    assert!(one.get("reviewed").is_none(), "{one}");
    assert_eq!(store::rows::activity::unreviewed(&world.desk.store, 10).await.unwrap(), 1);
}
