//! The story, over sockets only: Microsoft and the attacker through the simulated Microsoft's controls, people through
//! REST. What comes of it is read afterwards from the journal and from Microsoft's own log, not from here.

use super::people::Person;
use super::seeding;
use super::stage::Stage;
use super::waiting::until;
use crate::remote::{Method, query};
use crate::table::at;
use anyhow::Context;
use domain::ids::AccountId;
use policy::Bundle;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long events and an alert may take to become a case.
const CASE_LIMIT: Duration = Duration::from_mins(1);
/// How long an answer may take to reach Microsoft.
const ANSWER_LIMIT: Duration = Duration::from_mins(1);
/// How long the steps may take in story time, and on the wall clock at least.
const STEPS_LIMIT_STORY: Duration = Duration::from_hours(4);
const STEPS_LIMIT: Duration = Duration::from_mins(2);
/// The playbook, when the case suggests none.
const PLAYBOOK: &str = "mining-takeover";
/// How many quiet customers go on with their work beside the attack.
const QUIET_CUSTOMERS: u32 = 20;
/// Who approves at this partner: one band, the Global administrator.
const APPROVALS: &str = include_str!("approvals.toml");

/// What was set in motion; everything else is read afterwards.
#[derive(Debug)]
pub(crate) struct Played {
    /// What the attacker did, by the simulated Microsoft's account.
    pub(crate) story: Value,
    /// The customer's account.
    pub(crate) customer: AccountId,
    /// The case that was worked on.
    pub(crate) case: String,
    /// The action that was carried out.
    pub(crate) action: String,
}

/// Everything before the first attack: the partner's rule, the switch, so many customers with their last days.
pub(super) async fn quiet(stage: &Stage<'_>, customers: u32) -> anyhow::Result<()> {
    publish_policy(stage).await.context("publishing the policy")?;
    switch_actions_on(stage).await.context("switching actions on")?;
    seeding::customers_known(stage, customers).await?;
    let intake = json!({"url": format!("{}/intake/v1/events", stage.url), "connectionKey": stage.intake_key});
    stage.sandbox.control(Method::PUT, "/sandbox/intake", &intake).await?;
    seeding::history_told(stage, customers).await
}

/// Everything up to the attack, and the attack.
async fn opening(stage: &Stage<'_>) -> anyhow::Result<(Value, AccountId)> {
    quiet(stage, stage.customers).await?;
    let wish = json!({"seed": stage.seed, "quietCustomers": QUIET_CUSTOMERS, "startsInSeconds": 30});
    let story = stage.sandbox.control(Method::POST, "/sandbox/stories", &wish).await?;
    let tenant = at(&story, "customer").parse().context("the story names no customer")?;
    Ok((story, AccountId::of_customer(stage.connection, tenant)))
}

/// The whole story, to its end.
pub(crate) async fn whole(stage: &Stage<'_>) -> anyhow::Result<Played> {
    let (story, customer) = opening(stage).await?;
    let agent = &stage.people.admin_agent;
    let case = case_seen(stage, customer).await?;
    let alerts = claimed_and_answered(stage, agent, &case).await?;
    let action = proposed(agent, &case).await.context("proposing")?;
    approved(&stage.people.global_administrator, &action).await.context("approving")?;
    carried_out(stage, &action).await?;
    close(agent, &story, &case, &alerts).await.context("closing the case")?;
    for alert in &alerts {
        alert_is(stage, agent, alert, "resolved").await?;
    }
    Ok(Played { story, customer, case, action })
}

/// The demonstration's partner has one person for each role, so its own rule of who approves is published, by its
/// Global administrator; everything else is the policy that ships.
async fn publish_policy(stage: &Stage<'_>) -> anyhow::Result<()> {
    let shipped = Bundle::embedded();
    let mut files: BTreeMap<&str, String> = shipped
        .files()
        .iter()
        .map(|(name, bytes)| (name.as_str(), String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    files.insert("approvals.toml", APPROVALS.to_owned());
    let remote = &stage.people.global_administrator.remote;
    let timeline = remote.get("/policies").await?;
    remote.change("/policies:publish", timeline.etag.as_deref(), &json!({"files": files})).await?;
    Ok(())
}

async fn switch_actions_on(stage: &Stage<'_>) -> anyhow::Result<()> {
    let path = format!("/connections/{}", stage.connection);
    let person = &stage.people.global_administrator;
    let (now, proof) = (person.remote.get(&path).await?, person.proof().await?);
    let switch = format!("{path}:switch-actions");
    person.remote.change_proved(&switch, now.etag.as_deref(), &json!({"on": true}), Some(proof)).await?;
    Ok(())
}

/// Waits for the case in which rules and Microsoft's alert have come together.
async fn case_seen(stage: &Stage<'_>, customer: AccountId) -> anyhow::Result<String> {
    let filter = query(&format!("status:open customer:{customer}"));
    until(stage, "a case with signals and an alert", CASE_LIMIT, async || {
        let cases = stage.people.admin_agent.remote.list(&format!("/cases?filter={filter}"), 50).await?;
        let whole = cases.iter().find(|case| at(case, "signals") != "0" && at(case, "alerts") != "[]");
        Ok(whole.map(|case| at(case, "id")).ok_or_else(|| {
            let told = cases.iter().map(|case| {
                format!("{} with {} signals and alerts {}", at(case, "story"), at(case, "signals"), at(case, "alerts"))
            });
            format!("{} cases: {}", cases.len(), told.collect::<Vec<_>>().join("; "))
        }))
    })
    .await
}

/// Takes the case, answers its alerts, and waits until Microsoft has the answers.
async fn claimed_and_answered(stage: &Stage<'_>, agent: &Person<'_>, case: &str) -> anyhow::Result<Vec<String>> {
    let path = format!("/cases/{case}");
    let now = agent.remote.get(&path).await?;
    let claimed =
        agent.remote.change(&format!("{path}:claim"), now.etag.as_deref(), &json!({})).await.context("claiming")?;
    let listed = claimed.body.get("alerts").and_then(Value::as_array).into_iter().flatten();
    let alerts: Vec<String> = listed.map(|alert| at(alert, "id")).collect();
    for alert in &alerts {
        alert_is(stage, agent, alert, "investigating").await?;
    }
    Ok(alerts)
}

async fn alert_is(stage: &Stage<'_>, agent: &Person<'_>, alert: &str, wanted: &str) -> anyhow::Result<()> {
    until(stage, &format!("the answer `{wanted}` to alert {alert}"), ANSWER_LIMIT, async || {
        let body = agent.remote.get(&format!("/alerts/{}", query(alert))).await?.body;
        let status = at(&body, "status");
        Ok(if status == wanted { Ok(()) } else { Err(format!("{status} {}", at(&body, "failed"))) })
    })
    .await
}

async fn proposed(agent: &Person<'_>, case: &str) -> anyhow::Result<String> {
    let path = format!("/cases/{case}");
    let now = agent.remote.get(&path).await?;
    let suggested = at(&now.body, "playbook");
    let playbook = if suggested.is_empty() { PLAYBOOK } else { &suggested };
    let body = json!({"playbook": playbook, "class": "normal", "note": "the customer confirmed that it is not theirs"});
    let proposed = agent.remote.change(&format!("{path}:propose"), now.etag.as_deref(), &body).await?.body;
    Ok(at(&proposed, "id"))
}

/// Approves what was read, bound to its parameters.
async fn approved(approver: &Person<'_>, action: &str) -> anyhow::Result<()> {
    let path = format!("/actions/{action}");
    let proof = approver.proof().await?;
    let now = approver.remote.get(&path).await?;
    let body = json!({"parameters": at(&now.body, "parameters")});
    approver.remote.change_proved(&format!("{path}:approve"), now.etag.as_deref(), &body, Some(proof)).await?;
    Ok(())
}

/// Waits until every step was read back at Microsoft.
async fn carried_out(stage: &Stage<'_>, action: &str) -> anyhow::Result<()> {
    let limit = STEPS_LIMIT.max(STEPS_LIMIT_STORY / stage.speed);
    until(stage, "the action's end, read back at Microsoft", limit, async || {
        let body = stage.people.admin_agent.remote.get(&format!("/actions/{action}")).await?.body;
        let status = at(&body, "status");
        let steps = body.get("steps").and_then(Value::as_array).into_iter().flatten();
        let told = steps.map(|step| format!("{} {} {}", at(step, "kind"), at(step, "state"), at(step, "detail")));
        match status.as_str() {
            "verified" => Ok(Ok(())),
            "proposed" | "released" => Ok(Err(format!("{status}: {}", told.collect::<Vec<_>>().join("; ")))),
            other => Err(anyhow::anyhow!("the action ended as {other}: {}", told.collect::<Vec<_>>().join("; "))),
        }
    })
    .await
}

/// Closes the case as what it was; only its named alerts are resolved.
async fn close(agent: &Person<'_>, story: &Value, case: &str, alerts: &[String]) -> anyhow::Result<()> {
    let path = format!("/cases/{case}");
    let now = agent.remote.get(&path).await?;
    let outcome = if at(story, "falseAlarm") == "true" { "legitimate" } else { "fraud" };
    let body = json!({"outcome": outcome, "alerts": alerts, "note": "stopped, read back, answered"});
    agent.remote.change(&format!("{path}:close"), now.etag.as_deref(), &body).await?;
    Ok(())
}
