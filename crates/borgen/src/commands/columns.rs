//! What the tables of cases, alerts and actions show, column by column.

use crate::console::Console;
use crate::reading::{count, each, first};
use crate::table::{Column, at, money_at};
use serde_json::Value;

/// Cases in a list.
pub(crate) const CASES: &[Column] = &[
    Column { heading: "column-case", cell: |item, _| at(item, "id") },
    Column { heading: "column-severity", cell: |item, console| console.word(&at(item, "severity")) },
    Column { heading: "column-status", cell: |item, console| console.word(&at(item, "status")) },
    Column { heading: "column-story", cell: |item, console| console.word(&at(item, "story")) },
    Column { heading: "column-per-hour", cell: |item, _| burn(item) },
    Column { heading: "column-at-stake", cell: |item, _| money_at(item, "cost.atStake") },
    Column { heading: "column-clock", cell: clock },
    Column { heading: "column-owner", cell: |item, _| short(&at(item, "owner")) },
    Column { heading: "column-since", cell: |item, console| console.short_time(&at(item, "since")) },
];

/// Snoozes in a list.
pub(crate) const SNOOZES: &[Column] = &[
    Column { heading: "column-snooze", cell: |item, _| at(item, "id") },
    Column { heading: "column-rule", cell: |item, _| at(item, "rule") },
    Column { heading: "column-customer", cell: |item, _| at(item, "customer") },
    Column { heading: "column-until", cell: |item, console| console.short_time(&at(item, "until")) },
    Column { heading: "column-reason", cell: |item, console| console.personal(item, "reason") },
];

/// One case.
pub(crate) const CASE: &[Column] = &[
    Column { heading: "column-case", cell: |item, _| at(item, "id") },
    Column { heading: "column-customer", cell: customer },
    Column { heading: "column-severity", cell: |item, console| console.word(&at(item, "severity")) },
    Column { heading: "column-status", cell: |item, console| console.word(&at(item, "status")) },
    Column { heading: "column-story", cell: |item, console| console.word(&at(item, "story")) },
    Column { heading: "column-per-hour", cell: |item, console| assumed(item, burn(item), console) },
    Column { heading: "column-stopped", cell: |item, console| console.time(&at(item, "cost.stopped")) },
    Column { heading: "column-lost-so-far", cell: |item, _| if is_closed(item) { String::new() } else { lost(item) } },
    Column { heading: "column-cost", cell: |item, _| if is_closed(item) { lost(item) } else { String::new() } },
    Column { heading: "column-at-stake", cell: |item, _| money_at(item, "cost.atStake") },
    Column { heading: "column-owner", cell: |item, _| at(item, "owner") },
    Column { heading: "column-snoozed", cell: |item, console| console.time(&at(item, "snoozed.until")) },
    Column { heading: "column-since", cell: |item, console| console.time(&at(item, "since")) },
    Column { heading: "column-clock", cell: clock },
    Column { heading: "column-playbook", cell: |item, console| playbook(item, console) },
    Column {
        heading: "column-why",
        cell: |item, console| each(item, "why", |why| each(why, "reasons", |one| reason(item, one, console))),
    },
    Column { heading: "column-signals", cell: |item, console| each(item, "signalList", |one| signal(one, console)) },
    Column { heading: "column-alerts", cell: |item, console| each(item, "alertList", |one| alert(one, console)) },
    Column {
        heading: "column-actions",
        cell: |item, console| {
            each(item, "actions", |action| format!("{} {}", at(action, "id"), console.word(&at(action, "status"))))
        },
    },
    Column { heading: "column-outcome", cell: |item, console| console.word(&at(item, "closed.outcome")) },
    Column { heading: "column-closed", cell: |item, console| console.time(&at(item, "closed.at")) },
];

/// Alerts in a list.
pub(crate) const ALERTS: &[Column] = &[
    Column { heading: "column-alert", cell: |item, _| at(item, "id") },
    Column { heading: "column-type", cell: |item, _| at(item, "alertType") },
    Column { heading: "column-status", cell: |item, console| console.word(&at(item, "status")) },
    Column { heading: "column-severity", cell: |item, console| console.word(&at(item, "severity")) },
    Column { heading: "column-case", cell: |item, _| at(item, "case") },
    Column { heading: "column-received", cell: |item, console| console.short_time(&at(item, "received")) },
    Column { heading: "column-answered", cell: |item, console| console.short_time(&at(item, "answered")) },
];

/// Actions in a list.
pub(crate) const ACTIONS: &[Column] = &[
    Column { heading: "column-action", cell: |item, _| at(item, "id") },
    Column { heading: "column-state", cell: |item, console| state(item, console) },
    Column { heading: "column-playbook", cell: |item, _| at(item, "playbook") },
    Column { heading: "column-case", cell: |item, _| at(item, "case") },
    Column { heading: "column-saves-per-hour", cell: |item, _| money_at(item, "blastRadius.savedPerHour") },
    Column {
        heading: "column-approvals",
        cell: |item, _| format!("{}/{}", count(item, "approvals"), count(item, "roles")),
    },
    Column { heading: "column-expires", cell: |item, console| console.short_time(&at(item, "expires")) },
];

/// One action.
pub(crate) const ACTION: &[Column] = &[
    Column { heading: "column-action", cell: |item, _| at(item, "id") },
    Column { heading: "column-state", cell: |item, console| state(item, console) },
    Column { heading: "column-playbook", cell: |item, console| playbook(item, console) },
    Column { heading: "column-class", cell: |item, console| console.word(&at(item, "class")) },
    Column { heading: "column-proposer", cell: |item, console| console.person(item, "proposer") },
    Column { heading: "column-revert-of", cell: |item, _| at(item, "revertOf") },
    Column { heading: "column-case", cell: |item, _| at(item, "case") },
    Column {
        heading: "column-stops",
        cell: |item, _| format!("{} + {}", at(item, "blastRadius.azureSubscriptions"), at(item, "blastRadius.plans")),
    },
    Column { heading: "column-warning", cell: widened },
    Column { heading: "column-users", cell: |item, _| at(item, "blastRadius.users") },
    Column { heading: "column-saves-per-hour", cell: |item, _| money_at(item, "blastRadius.savedPerHour") },
    Column {
        heading: "column-goes-on-billing",
        cell: |item, console| each(item, "blastRadius.goesOnBilling", |one| word(one, console)),
    },
    Column {
        heading: "column-destroys",
        cell: |item, console| each(item, "blastRadius.destroys", |one| word(one, console)),
    },
    Column { heading: "column-undo-minutes", cell: |item, _| at(item, "blastRadius.undoMinutes") },
    Column {
        heading: "column-guards",
        cell: |item, console| {
            each(item, "guards", |guard| format!("{} {}", mark(guard.get("passed")), rail(&at(guard, "rail"), console)))
        },
    },
    Column { heading: "column-roles", cell: |item, console| each(item, "roles", |one| word(one, console)) },
    Column { heading: "column-woken", cell: woken },
    Column {
        heading: "column-approvals",
        cell: |item, console| {
            each(item, "approvals", |one| {
                format!("{} {}", console.time(&at(one, "at")), console.person(one, "approver"))
            })
        },
    },
    Column {
        heading: "column-steps",
        cell: |item, console| {
            each(item, "steps", |step| format!("{}: {}", step_text(step, console), state(step, console)))
        },
    },
    Column { heading: "column-parameters", cell: |item, _| at(item, "parameters") },
    Column { heading: "column-expires", cell: |item, console| console.time(&at(item, "expires")) },
    Column { heading: "column-review-by", cell: |item, console| console.time(&at(item, "reviewBy")) },
];

fn is_closed(item: &Value) -> bool {
    at(item, "status") == "closed"
}

/// What runs costs each hour: of a closed case nothing runs that is counted.
fn burn(item: &Value) -> String {
    if is_closed(item) { String::new() } else { money_at(item, "cost.perHour") }
}

fn lost(item: &Value) -> String {
    money_at(item, "cost.lostSoFar")
}

/// An amount that no rate was known for says so.
fn assumed(item: &Value, amount: String, console: &Console) -> String {
    if amount.is_empty() || at(item, "cost.assumed") != "true" {
        return amount;
    }
    format!("{amount} {}", console.text("amount-assumed", &[]))
}

/// Who it is about: a name, or why there is none to see, and the id.
fn customer(item: &Value, console: &Console) -> String {
    let name = console.personal(item, "customerName");
    let id = at(item, "customer");
    if name.is_empty() { id } else { format!("{name} ({id})") }
}

/// A playbook as it is read, and as it is given on the command line.
fn playbook(item: &Value, console: &Console) -> String {
    let name = at(item, "playbook");
    let read = console.word(&name);
    if read == name { name } else { format!("{read} ({name})") }
}

/// A reason in the reader's words: levels by their words, rules by their titles.
fn reason(item: &Value, reason: &Value, console: &Console) -> String {
    let levels = ["values.level", "values.minimum"].map(|path| at(reason, path));
    let text = levels.iter().filter(|level| !level.is_empty()).fold(at(reason, "text"), |text, level| {
        text.replace(&format!(" {level}"), &format!(" {}", console.word(level)))
    });
    titled(item, &text)
}

/// A text in which rules are called by their titles: the interface names them by id.
fn titled(item: &Value, text: &str) -> String {
    let signals = item.get("signalList").and_then(Value::as_array).into_iter().flatten();
    let titles = signals.map(|signal| (at(signal, "rule.id"), at(signal, "rule.title")));
    titles.filter(|(id, title)| !id.is_empty() && !title.is_empty()).fold(text.to_owned(), |text, (id, title)| {
        if text.contains(&id) { text.replace(&id, &format!("\u{201d}{title}\u{201d}")) } else { text }
    })
}

/// The beginning of an id, enough to tell people apart in a list.
fn short(id: &str) -> String {
    id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect()
}

fn signal(signal: &Value, console: &Console) -> String {
    let author = at(signal, "rule.author");
    let times = format!("×{}", at(signal, "count"));
    let place = [at(signal, "size"), at(signal, "region")].join(" ");
    let last = console.time(&at(signal, "last"));
    [format!("{} ({author})", at(signal, "rule.title")), times, place.trim().to_owned(), last]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn alert(alert: &Value, console: &Console) -> String {
    format!("{} {} ({})", at(alert, "id"), at(alert, "alertType"), console.word(&at(alert, "status")))
}

/// When an answer is due, and the time left.
fn clock(item: &Value, console: &Console) -> String {
    let due = first(item, &["clock.target", "clock.limit"]);
    let left = first(item, &["clock.secondsToTarget", "clock.secondsToLimit"]);
    let Ok(seconds) = left.parse::<i64>() else { return console.short_time(&due) };
    let minutes = (seconds / 60).abs();
    let (hours, rest) = (minutes / 60, minutes % 60);
    let span = if hours == 0 {
        console.text("span-minutes", &[("rest", &rest)])
    } else {
        console.text("span-hours", &[("hours", &hours), ("rest", &rest)])
    };
    let key = if seconds < 0 { "clock-passed" } else { "clock-left" };
    format!("{} {}", console.short_time(&due), console.text(key, &[("span", &span)]))
}

/// A guard rail by what it says; the word for the class of an action says something else.
fn rail(word: &str, console: &Console) -> String {
    if word == "emergency" { console.text("rail-emergency", &[]) } else { console.word(word) }
}

fn step_text(step: &Value, console: &Console) -> String {
    format!("{} {}", console.word(&at(step, "kind")), first(step, &["azureSubscription", "plan"]))
}

/// Where a step or an action is: how it ended, or its state.
fn state(step: &Value, console: &Console) -> String {
    let code = at(step, "detail.failed.code");
    if !code.is_empty() {
        return format!("{} ({code})", console.word("failed"));
    }
    console.word(&first(step, &["detail.end", "state", "status"]))
}

/// A value as a person reads it: a word, or the words of its members.
fn word(value: &Value, console: &Console) -> String {
    match value {
        Value::String(text) => console.word(text),
        Value::Object(members) => {
            let told = members.iter().map(|(key, inside)| format!("{} {}", console.word(key), word(inside, console)));
            told.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// A warning where the playbook takes more than was named as attacked.
fn widened(item: &Value, console: &Console) -> String {
    let more = at(item, "blastRadius.widened") == "true";
    if more { console.text("action-widened", &[]) } else { String::new() }
}

fn mark(passed: Option<&Value>) -> &'static str {
    if passed.and_then(Value::as_bool).unwrap_or(false) { "✓" } else { "✗" }
}

/// Who is woken about an emergency, whether a message came through, and who has taken it on.
fn woken(item: &Value, console: &Console) -> String {
    let rule = at(item, "page.rule");
    if rule.is_empty() {
        return String::new();
    }
    let call = |one: &Value| {
        let (delivered, failed) = (at(one, "delivered"), at(one, "failed"));
        let how = if delivered.is_empty() { failed } else { console.time(&delivered) };
        format!("{} {how}", at(one, "receiver"))
    };
    let taken_on = item.get("page").map(|page| console.person(page, "takenOnBy")).unwrap_or_default();
    let by = if taken_on.is_empty() { String::new() } else { format!("✓ {taken_on}") };
    let parts = [console.word(&rule), each(item, "page.calls", call), by];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Globals;
    use crate::talk::Lang;
    use serde_json::json;

    const RULE: &str = "f4f787ea-e625-5507-934a-f302f2c1a7e6";

    fn shown(lang: Lang, item: &Value) -> String {
        let set = vec![("time_zone".to_owned(), "Europe/Stockholm".to_owned())];
        let console = Console::new(&Globals { lang: Some(lang), set, ..Globals::default() });
        let rows = CASE
            .iter()
            .map(|column| format!("{}: {}", console.text(column.heading, &[]), (column.cell)(item, &console)));
        rows.collect::<Vec<_>>().join("\n")
    }

    fn case(status: &str) -> Value {
        json!({
            "id": "c", "customer": "k", "customerName": {"state": "open", "value": "Åkeri AB"}, "status": status,
            "severity": "critical", "story": "mining", "since": "2026-11-22T18:05:33.5Z", "playbook": "mining-takeover",
            "cost": {"perHour": {"amount": "412.00", "currency": "SEK"}, "assumed": false,
                     "lostSoFar": {"amount": "206.00", "currency": "SEK"}},
            "why": [{"reasons": [{"code": "rule_fired", "values": {"rule": RULE, "level": "critical"},
                                  "text": format!("The rule {RULE} fired; its author holds it to be critical.")}]}],
            "signalList": [{"rule": {"id": RULE, "title": "GPU machine written", "author": "A. B."}, "count": 2,
                            "last": "2026-11-22T18:06:00Z", "size": "Standard_NC24"}],
            "clock": {"target": "2026-11-22T19:05:33Z", "secondsToTarget": -120},
        })
    }

    #[test]
    fn rules_are_called_by_their_titles_and_times_are_those_of_the_zone() {
        let text = shown(Lang::En, &case("open"));
        assert!(text.contains("GPU machine written") && !text.contains(RULE), "{text}");
        assert!(text.contains("2026-11-22 19:05:33 +01:00"), "{text}");
        assert!(text.contains("412.00 SEK") && text.contains("Åkeri AB (k)"), "{text}");
    }

    #[test]
    fn in_swedish_no_key_of_the_interface_is_left() {
        let text = shown(Lang::Sv, &case("open"));
        for raw in ["critical", "open", "mining:", ": mining\n"] {
            assert!(!text.contains(raw), "{raw} in {text}");
        }
        assert!(text.contains("kritisk") && text.contains("öppet"), "{text}");
    }

    #[test]
    fn whoever_proposed_approved_or_took_an_action_on_is_told_by_name_and_by_id_where_there_is_none() {
        let open = |name: &str| json!({"state": "open", "value": name});
        let mut action = json!({
            "id": "a", "proposer": "p-1", "proposerName": open("Åsa Ek"),
            "approvals": [{"at": "2026-11-22T03:00:00Z", "approver": "p-2", "approverName": open("Bo Lind")}],
            "page": {"rule": "on_call", "calls": [], "takenOnBy": "p-3", "takenOnByName": open("Cia Ro")},
        });
        let told = |lang, item: &Value| {
            let console = Console::new(&Globals { lang: Some(lang), ..Globals::default() });
            let row =
                |column: &Column| format!("{}: {}", console.text(column.heading, &[]), (column.cell)(item, &console));
            ACTION.iter().map(row).collect::<Vec<_>>().join("\n")
        };
        let english = told(Lang::En, &action);
        assert!(english.contains("Proposed by: Åsa Ek") && english.contains("Bo Lind") && english.contains("✓ Cia Ro"));
        let swedish = told(Lang::Sv, &action);
        assert!(swedish.contains("Föreslagen av: Åsa Ek") && !swedish.contains("p-2"), "{swedish}");
        action["approvals"][0]["approverName"] = json!({"state": "closed", "roles": []});
        action["proposerName"] = json!({"state": "erased"});
        let closed = told(Lang::En, &action);
        assert!(closed.contains("Proposed by: p-1") && closed.contains(" p-2"), "{closed}");
    }

    #[test]
    fn an_action_that_takes_more_than_was_named_as_attacked_says_so() {
        let told = |lang, widened: bool| {
            let console = Console::new(&Globals { lang: Some(lang), ..Globals::default() });
            let action = json!({"id": "a", "blastRadius": {"azureSubscriptions": 3, "plans": 1, "widened": widened}});
            ACTION.iter().map(|column| (column.cell)(&action, &console)).collect::<Vec<_>>().join("\n")
        };
        assert!(told(Lang::En, true).contains("that nobody named as attacked"), "{}", told(Lang::En, true));
        assert!(told(Lang::Sv, true).contains("som ingen har angett som angripna"), "{}", told(Lang::Sv, true));
        assert!(!told(Lang::En, false).contains("nobody"), "{}", told(Lang::En, false));
    }

    #[test]
    fn a_closed_case_burns_nothing_any_more_and_says_what_it_cost() {
        let text = shown(Lang::En, &case("closed"));
        assert!(!text.contains("412.00"), "{text}");
        assert!(text.contains("Cost in all: 206.00 SEK"), "{text}");
    }
}
