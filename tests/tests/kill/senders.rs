//! The load: senders that post log events of their own customers, again and again until each batch is answered 202,
//! as a real exporter does. What they were told is kept, to be held against the journal.

use crate::Stage;
use crate::calls::call;
use domain::ids::{AzureSubscriptionId, TenantId};
use sandbox::{CustomerTruth, wall_clock};
use serde_json::json;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use uuid::Uuid;

/// Who acts in the events, and from where: personal data.
pub(crate) const CALLER: &str = "someone@example.com";
pub(crate) const ADDRESS: &str = "203.0.113.7";
/// Senders at once.
pub(crate) const SENDERS: usize = 4;
/// The rule that fires on each event by itself: a budget is deleted.
pub(crate) const RULE: &str = "570f07c9-abc4-55ad-b0db-9415e53a1058";
/// The wait between two batches of one sender.
const BETWEEN_BATCHES: Duration = Duration::from_millis(15);
/// The wait before a batch is sent again.
const BEFORE_AGAIN: Duration = Duration::from_millis(10);
/// How often a batch is sent again once the end has come.
const MAX_TRIES_AT_END: u32 = 1_000;

/// A batch as its sender knows it.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// Whose events they are.
    pub(crate) tenant: TenantId,
    /// The Azure subscription they are in.
    pub(crate) azure: AzureSubscriptionId,
    /// The id of the first event that fires.
    pub(crate) first: String,
    /// How many events fire.
    pub(crate) count: u32,
    /// Whether 202 was answered.
    pub(crate) accepted: bool,
    /// How often it was sent without an answer.
    pub(crate) tries_without_answer: u32,
}

/// The senders at work.
pub(crate) struct Load(Vec<JoinHandle<Vec<Batch>>>);

impl Load {
    /// Starts the senders. Each has its own customers, so that no two write to one account at once.
    pub(crate) fn start(stage: &Arc<Stage>, key: &str, customers: &[CustomerTruth]) -> Self {
        let sender = |number: usize| {
            let own: Vec<_> = customers.iter().skip(number).step_by(SENDERS).cloned().collect();
            let (stage, bearer) = (Arc::clone(stage), format!("Bearer {key}"));
            std::thread::spawn(move || send(&stage, &bearer, &own, number))
        };
        Self((0..SENDERS).map(sender).collect())
    }

    /// Waits for all of them.
    pub(crate) fn join(self) -> Vec<Batch> {
        self.0.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    }
}

fn send(stage: &Stage, bearer: &str, customers: &[CustomerTruth], sender: usize) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    while !stage.is_over() {
        let number = batches.len();
        let (mut batch, text) = batch(&customers[number % customers.len()], sender, number);
        let mut tries_at_end = 0;
        while !batch.accepted && tries_at_end < MAX_TRIES_AT_END {
            tries_at_end += u32::from(stage.is_over());
            let answer = stage
                .address()
                .map(|address| call(address, "POST", "/intake/v1/events", &[("authorization", bearer)], &text));
            match answer {
                Some(Ok(answer)) if answer.status == 202 => {
                    let rejected = answer.body["rejected"].as_array().map_or(0, Vec::len);
                    let parked = answer.body["parked"].as_u64();
                    assert_eq!((rejected, parked), (0, Some(0)), "the intake did not take all: {}", answer.body);
                    batch.accepted = true;
                }
                Some(Ok(answer)) => {
                    let asks_to_wait = matches!(answer.status, 429 | 503);
                    assert!(asks_to_wait, "the intake answered {}: {}", answer.status, answer.body);
                    batch.tries_without_answer += 1;
                }
                Some(Err(_)) => batch.tries_without_answer += 1,
                None => {}
            }
            std::thread::sleep(if batch.accepted { BETWEEN_BATCHES } else { BEFORE_AGAIN });
        }
        batches.push(batch);
    }
    batches
}

/// One to three events that fire, all in one Azure subscription so that they are one finding, and two that do not.
fn batch(customer: &CustomerTruth, sender: usize, number: usize) -> (Batch, String) {
    let subscription = customer.entitlements[number % customer.entitlements.len()].id;
    let id = |event: usize| {
        let (sender, event) = (u64::try_from(sender).unwrap(), u64::try_from(number * 10 + event).unwrap());
        Uuid::from_u64_pair(0x4b11_0000_0000_0000 + sender, event).to_string()
    };
    let count = 1 + number % 3;
    let fires =
        (0..count).map(|event| line(customer, subscription, &id(event), "MICROSOFT.CONSUMPTION/BUDGETS/DELETE"));
    let quiet = (5..7).map(|event| line(customer, subscription, &id(event), "MICROSOFT.STORAGE/STORAGEACCOUNTS/READ"));
    let lines: Vec<_> = fires.chain(quiet).collect();
    let batch = Batch {
        tenant: TenantId(customer.tenant),
        azure: AzureSubscriptionId(subscription),
        first: id(0),
        count: u32::try_from(count).unwrap(),
        accepted: false,
        tries_without_answer: 0,
    };
    (batch, lines.join("\n"))
}

fn line(customer: &CustomerTruth, subscription: Uuid, id: &str, operation: &str) -> String {
    json!({
        "time": wall_clock(), "resourceId": format!("/subscriptions/{subscription}/providers/Microsoft.Consumption/budgets/b"),
        "operationName": operation, "category": "Administrative", "resultType": "Success", "correlationId": id,
        "callerIpAddress": ADDRESS, "tenantId": customer.tenant,
        "identity": {"claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": CALLER}},
        "properties": {"eventDataId": id},
    })
    .to_string()
}
