//! The demonstration that stays: a quiet while, then four acts at four customers, each begun by the simulated Microsoft's
//! controls and told on the screen. What people do about them is theirs.

use super::play;
use super::seeding;
use super::stage::Stage;
use crate::remote::Method;
use crate::table::at;
use desk::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The acts begin when so many customers are known; the others come while people look.
const CUSTOMERS_BEFORE_ACTS: u32 = 1_200;
/// The most customers that the controls list at once.
const MAX_LISTED: u32 = 1_000;
/// The ordinary life around an act, in minutes of the story, and how many other customers have it.
const LIFE_MINUTES: u32 = 60;
const QUIET_CUSTOMERS: u32 = 20;

/// An act: its plot, when it begins after the quiet, in seconds of the story, and what is said when it does.
struct Act {
    plot: &'static str,
    begins_seconds: u32,
    said: &'static str,
}

const ACTS: [Act; 4] = [
    Act { plot: "gpu_burst", begins_seconds: 400, said: "demo-act-takeover" },
    Act { plot: "owner_takeover", begins_seconds: 1_400, said: "demo-act-grant" },
    Act { plot: "mail_forwarding", begins_seconds: 2_400, said: "demo-act-mail" },
    Act { plot: "planned_peak", begins_seconds: 3_400, said: "demo-act-peak" },
];

/// Everything that happens by itself: the quiet, the acts, and the customers that are not known yet.
pub(crate) async fn all(stage: &Stage<'_>) -> anyhow::Result<()> {
    let first = stage.customers.min(CUSTOMERS_BEFORE_ACTS);
    play::quiet(stage, first).await?;
    let begun = stage.clock.now();
    begin(stage, first).await?;
    let telling = tell(stage, begun);
    let rest = async {
        if first < stage.customers {
            seeding::customers_known(stage, stage.customers).await?;
            stage.console.say("demo-seeded", &[("customers", &stage.customers)]);
        }
        anyhow::Ok(())
    };
    let ((), rest) = tokio::join!(telling, rest);
    rest
}

/// Gives every act a customer of its own and its place in the story's time.
async fn begin(stage: &Stage<'_>, known: u32) -> anyhow::Result<()> {
    let listed = format!("/sandbox/customers?limit={}", known.min(MAX_LISTED));
    let listed = stage.sandbox.control(Method::GET, &listed, &json!({})).await?;
    let with_azure = victims(&listed, stage.seed);
    for (act, customer) in ACTS.iter().zip(with_azure) {
        let wish = json!({
            "seed": stage.seed,
            "plot": act.plot,
            "customer": customer,
            "startsInSeconds": act.begins_seconds,
            "minutes": LIFE_MINUTES + act.begins_seconds / 60,
            "quietCustomers": QUIET_CUSTOMERS,
        });
        stage.sandbox.control(Method::POST, "/sandbox/stories", &wish).await?;
    }
    let seconds = ACTS.first().map_or(0, |act| act.begins_seconds / stage.speed);
    stage.console.say("demo-quiet", &[("seconds", &seconds)]);
    Ok(())
}

/// The tenants of customers with an active Azure subscription, beginning at a place that the seed says.
fn victims(listed: &Value, seed: u64) -> Vec<String> {
    let is_active = |entitlement: &Value| at(entitlement, "status") == "active";
    let has_azure = |customer: &&Value| {
        customer.get("entitlements").and_then(Value::as_array).is_some_and(|azure| azure.iter().any(is_active))
    };
    let all = listed.get("customers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut victims: Vec<String> = all.iter().filter(has_azure).map(|customer| at(customer, "tenant")).collect();
    let place = usize::try_from(seed).ok().and_then(|seed| seed.checked_rem(victims.len())).unwrap_or(0);
    victims.rotate_left(place);
    victims
}

/// Says what begins, when it does.
async fn tell(stage: &Stage<'_>, begun: Timestamp) {
    for act in &ACTS {
        let after = SignedDuration::from_secs(i64::from(act.begins_seconds));
        stage.clock.sleep_until(begun.saturating_add(after).unwrap_or(Timestamp::MAX)).await;
        stage.console.say(act.said, &[]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_gets_a_customer_of_its_own_that_has_azure() {
        let customer = |tenant: &str, status: Option<&str>| {
            let azure: Vec<Value> = status.map(|status| json!({"status": status})).into_iter().collect();
            json!({"tenant": tenant, "entitlements": azure})
        };
        let listed = json!({"customers": [
            customer("a", Some("active")), customer("b", None), customer("c", Some("inactive")), customer("d", Some("active")),
        ]});
        assert_eq!(victims(&listed, 0), ["a", "d"]);
        assert_eq!(victims(&listed, 7), ["d", "a"]);
        assert!(victims(&json!({"customers": []}), 7).is_empty());
    }

    #[test]
    fn the_acts_follow_each_other() {
        assert!(ACTS.is_sorted_by_key(|act| act.begins_seconds));
    }
}
