//! The people: three who work on cases and the administrators of the first day. While the program is killed again and
//! again they propose containment for one customer after the other, approve it, and ask again when they get no answer.

use crate::calls::Answer;
use crate::keys::Key;
use crate::{Stage, now};
use domain::ids::{AccountId, TenantId};
use sandbox::CustomerTruth;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

/// The playbook that stops all Azure of a customer.
const PLAYBOOK: &str = "mining-takeover";
/// People who work on cases: one proposes, as many as the largest band asks for approve.
const AGENTS: usize = 3;
/// How long something that needs no kill to end may take.
const LIMIT: Duration = Duration::from_mins(1);
/// The wait between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(25);

/// The people, each with a session.
pub(crate) struct People {
    connection: AccountId,
    administrator: Key,
    agents: Vec<Key>,
}

/// What they did.
#[derive(Debug, Default)]
pub(crate) struct ActedOn {
    /// Actions that were approved to the end.
    pub(crate) approved: usize,
    /// The customers that an action was proposed for, with how often.
    pub(crate) proposed: BTreeMap<TenantId, u32>,
}

impl People {
    /// Hires three Admin agents and switches actions on, over REST, before anybody is killed.
    pub(crate) fn hire(address: SocketAddr, links: &BTreeMap<String, String>, connection: AccountId) -> Self {
        let administrator = Key::by_link(address, &links["global_administrator"]);
        let users = Key::by_link(address, &links["user_administrator"]);
        let hire = |number: usize| {
            let user = json!({"name": format!("Agent {number}"), "roles": ["admin_agent"], "scope": {"all": true}});
            let added = must(address, &users, "POST", "/users", &user);
            let name = json!({"signInName": format!("agent-{number}@example.com")});
            let link = must(address, &users, "POST", &format!("/users/{}:invite", text(&added, "id")), &name);
            Key::by_link(address, &text(&link, "path"))
        };
        let agents = (1..=AGENTS).map(hire).collect();
        let switch = format!("/connections/{connection}:switch-actions");
        must(address, &administrator, "POST", &switch, &json!({"on": true}));
        Self { connection, administrator, agents }
    }

    /// Makes the key that log events are sent with.
    pub(crate) fn intake_key(&self, address: SocketAddr) -> String {
        let path = format!("/connections/{}/keys", self.connection);
        text(&must(address, &self.administrator, "POST", &path, &json!({"label": "kill"})), "secret")
    }

    /// Waits until every customer that Microsoft lists is known.
    pub(crate) fn wait_for_customers(&self, address: SocketAddr, wanted: usize) {
        let begun = now();
        loop {
            let listed = must(address, &self.administrator, "GET", "/customers?maxpagesize=1000", &Value::Null);
            let known = listed["value"].as_array().map_or(0, Vec::len);
            if known >= wanted {
                return;
            }
            assert!(begun.elapsed() < LIMIT, "{known} of {wanted} customers are known");
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Starts working: the customers' turns are spread over all rounds, and one that has to wait holds up no other.
    pub(crate) fn start(self, stage: &Arc<Stage>, customers: &[CustomerTruth]) -> JoinHandle<ActedOn> {
        let (stage, customers) = (Arc::clone(stage), customers.to_vec());
        std::thread::spawn(move || {
            let (people, stage) = (&self, &*stage);
            let count = u32::try_from(customers.len()).unwrap();
            std::thread::scope(|scope| {
                let turns = (0..).zip(&customers).map(|(number, customer)| {
                    let turn = stage.rounds * number / count;
                    scope.spawn(move || people.contain_in_turn(stage, turn, TenantId(customer.tenant)))
                });
                let turns: Vec<_> = turns.collect();
                let mut acted = ActedOn::default();
                for one in turns.into_iter().map(|turn| turn.join().unwrap()) {
                    acted.approved += one.approved;
                    acted.proposed.extend(one.proposed);
                }
                acted
            })
        })
    }

    fn contain_in_turn(&self, stage: &Stage, turn: u32, tenant: TenantId) -> ActedOn {
        let mut acted = ActedOn::default();
        while stage.round.load(Ordering::SeqCst) < turn && !stage.is_over() {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        self.contain(stage, tenant, &mut acted);
        acted
    }

    /// Proposes and approves one action for a customer.
    fn contain(&self, stage: &Stage, tenant: TenantId, acted: &mut ActedOn) {
        let customer = AccountId::of_customer(self.connection, tenant);
        let Some(case) = self.case_of(stage, customer) else { return };
        let body = json!({"playbook": PLAYBOOK, "class": "normal"});
        // The same key for every try: an answer that was lost must not become a second action.
        let key = format!("propose-{tenant}");
        *acted.proposed.entry(tenant).or_default() += 1;
        let Some(proposed) = until_answered(stage, |address| {
            api(address, &self.agents[0], "POST", &format!("/cases/{case}:propose"), &body, Some(&key))
        }) else {
            return;
        };
        assert_eq!(proposed.status, 201, "the proposal was refused: {}", proposed.body);
        let action = text(&proposed.body, "id");
        let approvers = self.agents.iter().skip(1).chain([&self.administrator]);
        for approver in approvers {
            let Some(seen) = until_answered(stage, |address| {
                api(address, approver, "GET", &format!("/actions/{action}"), &Value::Null, None)
            }) else {
                return;
            };
            if text(&seen.body, "status") != "proposed" {
                break;
            }
            let yes = json!({"parameters": text(&seen.body, "parameters")});
            let path = format!("/actions/{action}:approve");
            let answered = until_answered(stage, |address| api(address, approver, "POST", &path, &yes, None));
            // A yes whose answer was lost is refused the second time: it was given already.
            let taken = answered.as_ref().is_none_or(|answer| matches!(answer.status, 200 | 403 | 409 | 412));
            assert!(taken, "an approval was refused: {answered:?}");
        }
        acted.approved += 1;
    }

    /// The customer's open case, waited for until the end comes.
    fn case_of(&self, stage: &Stage, customer: AccountId) -> Option<String> {
        let path = format!("/cases?filter=status%3Aopen%20customer%3A{customer}");
        while !stage.is_over() {
            let listed =
                until_answered(stage, |address| api(address, &self.agents[0], "GET", &path, &Value::Null, None))?;
            if let Some(case) = listed.body["value"].as_array().and_then(|cases| cases.first()) {
                return Some(text(case, "id"));
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        None
    }
}

/// Asks until there is a whole answer that is not "later"; nothing when the end comes first.
fn until_answered(stage: &Stage, ask: impl Fn(SocketAddr) -> std::io::Result<Answer>) -> Option<Answer> {
    while !stage.is_over() {
        match stage.address().map(&ask) {
            Some(Ok(answer)) if !is_later(&answer) => return Some(answer),
            Some(_) | None => std::thread::sleep(BETWEEN_LOOKS),
        }
    }
    None
}

/// Whether the program asks to be asked again: it is busy, or does not know yet what became of the same request.
fn is_later(answer: &Answer) -> bool {
    matches!(answer.status, 429 | 500..=599) || answer.body["code"] == "requestRunning"
}

fn api(
    address: SocketAddr,
    person: &Key,
    method: &str,
    path: &str,
    body: &Value,
    key: Option<&str>,
) -> std::io::Result<Answer> {
    person.ask(address, method, path, body, key)
}

/// A call that has to succeed.
fn must(address: SocketAddr, person: &Key, method: &str, path: &str, body: &Value) -> Value {
    let answer = api(address, person, method, path, body, None).unwrap();
    assert!((200..300).contains(&answer.status), "{method} {path} was answered {}: {}", answer.status, answer.body);
    answer.body
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
