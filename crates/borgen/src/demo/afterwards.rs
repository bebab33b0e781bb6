//! What came of the story, computed afterwards from the exported journal and from the simulated Microsoft's own log.

use super::agreement::{self, Told};
use super::exported::Exported;
use super::play::Played;
use super::stage::Stage;
use domain::body::Body;
use domain::effects::{EffectRef, EffectResult};
use domain::fact::Fact;
use domain::ids::{ActionId, AzureSubscriptionId, CaseId};
use domain::signals::{FindingRecorded, Token};
use jiff::Timestamp;
use money::Money;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The summary.
pub(crate) async fn summary(stage: &Stage<'_>, played: &Played) -> anyhow::Result<Value> {
    let exported = Exported::of(stage, played.customer).await?;
    let journal = exported.journal(played.customer);
    let case: CaseId = played.case.parse()?;
    let action: ActionId = played.action.parse()?;
    let replayed = exported.replayed(stage).await?;
    let verified = exported.verified();
    let file = exported.file(played.customer);
    let identity = file.customer().and_then(|customer| customer.holdings.identity.clone());
    let told = Told::of(journal);
    let changes = agreement::changes(stage, identity.as_ref().map(|identity| identity.tenant)).await?;
    let disagreements = agreement::disagreements(&told, &changes);
    let same = replayed.differs.is_none();
    let agrees = disagreements.is_empty()
        && same
        && verified.get("verified") == Some(&json!(true))
        && verified.get("proven") == Some(&json!(true));
    Ok(json!({
        "seed": stage.seed,
        "speed": stage.speed,
        "story": played.story,
        "customer": {
            "account": played.customer,
            "tenant": identity.as_ref().map(|identity| identity.tenant),
            "country": identity.as_ref().and_then(|identity| identity.country.clone()),
            "connection": identity.as_ref().map(|identity| identity.connection),
        },
        "rules": rules(journal, case),
        "attacked": attacked(journal, case),
        "resources": resources(journal, case),
        "case": told_of_case(journal, case, stage.speed),
        "action": told_of_action(journal, action),
        "alerts": alerts(journal, case),
        "facts": exported.counted(),
        "verify": verified,
        "replay": {
            "same": same,
            "accounts": replayed.accounts,
            "decided": replayed.decided,
            "differs": replayed.differs.map(|(account, version)| json!({"account": account, "version": version})),
        },
        "microsoft": changes,
        "agrees": agrees,
        "disagreements": disagreements,
    }))
}

/// The findings that are signals of a case.
fn findings(journal: &[Fact], case: CaseId) -> impl Iterator<Item = (&Fact, &FindingRecorded)> {
    let named = |fact: &Fact| match &fact.body {
        Body::SignalRaised(raised) if raised.case == case => Some(raised.finding),
        Body::SignalRepeated(repeated) if repeated.case == case => Some(repeated.finding),
        _ => None,
    };
    let wanted: BTreeSet<u64> = journal.iter().filter_map(named).collect();
    journal.iter().filter_map(move |fact| match &fact.body {
        Body::FindingRecorded(finding) if wanted.contains(&fact.version) => Some((fact, finding)),
        _ => None,
    })
}

/// The rules that fired, with their authors, as the rules' licence asks.
fn rules(journal: &[Fact], case: CaseId) -> Vec<Value> {
    let mut rules: BTreeMap<&str, (Timestamp, u64, &FindingRecorded)> = BTreeMap::new();
    for (fact, finding) in findings(journal, case) {
        let rule = rules.entry(&finding.rule.id).or_insert((fact.happened, 0, finding));
        rule.1 += u64::from(finding.count);
    }
    let told = |(first, events, finding): &(Timestamp, u64, &FindingRecorded)| {
        let rule = &finding.rule;
        json!({"id": rule.id, "title": rule.title, "author": rule.author, "level": rule.level, "first": first, "events": events})
    };
    rules.values().map(told).collect()
}

/// What began to run: where, which size, how many, at which rate.
fn resources(journal: &[Fact], case: CaseId) -> Vec<Value> {
    let mut places: BTreeMap<String, (&FindingRecorded, BTreeMap<Token, Money>)> = BTreeMap::new();
    for (_, finding) in findings(journal, case).filter(|(_, finding)| !finding.resources.is_empty()) {
        let key = format!("{:?} {:?} {:?}", finding.azure_subscription, finding.region, finding.size);
        let place = places.entry(key).or_insert_with(|| (finding, BTreeMap::new()));
        place.1.extend(finding.resources.iter().map(|running| (running.resource, running.per_hour)));
    }
    let told = |(finding, running): (&FindingRecorded, BTreeMap<Token, Money>)| {
        json!({
            "azureSubscription": finding.azure_subscription,
            "region": finding.region,
            "size": finding.size,
            "running": running.len(),
            "each": running.values().next().map(|money| money_of(*money)),
            "price": finding.price.as_ref().map(|price| json!({"list": price.list, "date": price.date, "estimated": price.estimated})),
        })
    };
    places.into_values().map(told).collect()
}

/// The Azure subscriptions that rules or alerts of the case name.
fn attacked(journal: &[Fact], case: CaseId) -> BTreeSet<AzureSubscriptionId> {
    let by_rules = findings(journal, case).filter_map(|(_, finding)| finding.azure_subscription);
    let joined: BTreeSet<_> = journal
        .iter()
        .filter_map(|fact| match &fact.body {
            Body::AlertJoined(joined) if joined.case == case => Some(&joined.alert),
            _ => None,
        })
        .collect();
    let by_alerts = journal.iter().filter_map(|fact| match &fact.body {
        Body::AlertSeen(seen) if joined.contains(&seen.alert) => seen.azure_subscription,
        _ => None,
    });
    by_rules.chain(by_alerts).collect()
}

/// The case, with the time from the arrival of its first event to its commit.
fn told_of_case(journal: &[Fact], case: CaseId, speed: u32) -> Value {
    let mut told = Map::new();
    let mut set = |key: &str, value: Value| told.insert(key.to_owned(), value);
    set("id", json!(case));
    for fact in journal {
        match &fact.body {
            Body::CaseOpened(opened) if opened.case == case => {
                set("story", json!(opened.story));
                set("opened", json!(fact.at));
                set("since", json!(opened.since));
                set("severity", json!(opened.severity));
                set("perHour", json!(opened.per_hour.or(opened.assumed_per_hour).map(money_of)));
                set("assumed", json!(opened.per_hour.is_none()));
                set("atStake", json!(opened.at_stake.map(money_of)));
                set("openedBecause", json!(opened.reasons));
            }
            Body::CaseGrown(grown) if grown.case == case => {
                set("severity", json!(grown.severity));
                if let Some(per_hour) = grown.per_hour {
                    set("perHour", json!(money_of(per_hour)));
                    set("assumed", json!(false));
                }
                set("atStake", json!(grown.at_stake.map(money_of)));
            }
            Body::CaseClaimed(claimed) if claimed.case == case => {
                set("claimed", json!(fact.at));
            }
            Body::CaseClosed(closed) if closed.case == case => {
                set("closed", json!(fact.at));
                set("outcome", json!(closed.outcome));
                set("alertsNamed", json!(closed.alerts));
            }
            _ => {}
        }
    }
    let first = findings(journal, case).map(|(fact, finding)| (finding.received, fact.at)).min();
    if let Some((received, committed)) = first {
        // Story time runs `speed` times as fast as the wall clock, on which people wait.
        let millis = committed.duration_since(received).as_millis();
        set("firstEventReceived", json!(received));
        set("millisecondsFromFirstEvent", json!(i64::try_from(millis).unwrap_or(i64::MAX) / i64::from(speed)));
    }
    Value::Object(told)
}

/// The action with its approvals and the times of every step.
fn told_of_action(journal: &[Fact], action: ActionId) -> Value {
    let mut told = Map::new();
    let mut approvals = Vec::new();
    for fact in journal {
        let mut set = |key: &str, value: Value| told.insert(key.to_owned(), value);
        match &fact.body {
            Body::ActionProposed(proposed) if proposed.action == action => {
                set("id", json!(action));
                set("playbook", json!(proposed.playbook));
                set("proposed", json!(fact.at));
                set("proposer", json!(proposed.proposer));
                set("atStake", json!(proposed.at_stake.map(money_of)));
                set("savesPerHour", json!(proposed.blast.saved_per_hour.map(money_of)));
                set("parameters", json!(proposed.parameters));
                set("guards", json!(proposed.guards));
            }
            Body::ActionApproved(approved) if approved.action == action => {
                approvals.push(json!({"by": approved.approver, "at": fact.at, "roles": approved.roles}));
            }
            Body::ActionReleased(released) if released.action == action => {
                set("released", json!(fact.at));
            }
            Body::ActionFinished(finished) if finished.action == action => {
                set("finished", json!(fact.at));
                set("outcome", json!(finished.outcome));
            }
            _ => {}
        }
    }
    told.insert("approvals".to_owned(), json!(approvals));
    told.insert("steps".to_owned(), json!(steps(journal, action)));
    Value::Object(told)
}

fn steps(journal: &[Fact], action: ActionId) -> Vec<Value> {
    let ordered = journal.iter().filter_map(|fact| match &fact.body {
        Body::StepOrdered(order) if order.action == action => Some((fact, order)),
        _ => None,
    });
    let ended: BTreeMap<u32, Value> = journal
        .iter()
        .filter_map(|fact| match &fact.body {
            Body::StepEnded(ended) if ended.action == action => {
                Some((ended.step, json!({"at": fact.at, "end": ended.end})))
            }
            _ => None,
        })
        .collect();
    let told = ordered.map(|(fact, order)| {
        let mut step = effect(journal, EffectRef { version: fact.version, ordinal: 0 });
        step.insert("step".to_owned(), json!(order.step));
        step.insert("kind".to_owned(), json!(order.kind));
        step.insert("ordered".to_owned(), json!(fact.at));
        step.insert("ended".to_owned(), ended.get(&order.step).cloned().unwrap_or_default());
        Value::Object(step)
    });
    told.collect()
}

/// When an effect was tried, under which request id, and how it ended.
fn effect(journal: &[Fact], key: EffectRef) -> Map<String, Value> {
    let mut told = Map::new();
    for fact in journal {
        match &fact.body {
            Body::EffectStarted(started) if started.effect == key => {
                told.insert("started".to_owned(), json!(fact.at));
                told.insert("attempt".to_owned(), json!(started.attempt));
                told.insert("request".to_owned(), json!(started.request));
            }
            Body::EffectFinished(finished) if finished.effect == key => {
                told.insert("answered".to_owned(), json!(fact.at));
                told.insert("result".to_owned(), result(&finished.result));
            }
            _ => {}
        }
    }
    told
}

fn result(result: &EffectResult) -> Value {
    serde_json::to_value(result).unwrap_or_default()
}

/// The alerts of a case with our answers to them.
fn alerts(journal: &[Fact], case: CaseId) -> Vec<Value> {
    let joined = journal.iter().filter_map(|fact| match &fact.body {
        Body::AlertJoined(joined) if joined.case == case => Some(&joined.alert),
        _ => None,
    });
    let told = joined.map(|alert| {
        let seen = journal.iter().find_map(|fact| match &fact.body {
            Body::AlertSeen(seen) if seen.alert == *alert => Some(seen),
            _ => None,
        });
        let answers: Vec<Value> = journal
            .iter()
            .filter_map(|fact| match &fact.body {
                Body::AnswerOrdered(order) if order.alert == *alert => {
                    let mut answer = effect(journal, EffectRef { version: fact.version, ordinal: 0 });
                    answer.insert("status".to_owned(), json!(order.status));
                    answer.insert("reason".to_owned(), json!(order.reason));
                    answer.insert("ordered".to_owned(), json!(fact.at));
                    Some(Value::Object(answer))
                }
                _ => None,
            })
            .collect();
        json!({
            "id": alert,
            "type": seen.map(|seen| &seen.alert_type),
            "detected": seen.map(|seen| seen.detected),
            "received": seen.map(|seen| seen.received),
            "answers": answers,
        })
    });
    told.collect()
}

fn money_of(money: Money) -> Value {
    json!({"amount": money.amount(), "currency": money.currency.code()})
}
