//! How values of the interface are read to a person: words for what the interface calls by a key, times in the
//! person's zone, personal data or why they can't be seen. What goes to programs is left as it is.

use crate::console::Console;
use crate::table::at;
use jiff::Timestamp;
use serde_json::Value;

impl Console {
    /// The word for a key of the interface, as in `cancel_azure_subscription`; a key that has none is shown with
    /// spaces, since policies name stories and playbooks as they like.
    pub(crate) fn word(&self, raw: &str) -> String {
        if raw.is_empty() {
            return String::new();
        }
        let key: String = raw.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        self.maybe(&format!("word-{}", key.to_ascii_lowercase())).unwrap_or_else(|| raw.replace('_', " "))
    }

    /// A time to the second, in the zone of the settings, with its distance from UTC.
    pub(crate) fn time(&self, told: &str) -> String {
        self.in_zone(told, "%Y-%m-%d %H:%M:%S %:z")
    }

    /// A time to the second, in the zone of the settings, short enough for a list.
    pub(crate) fn short_time(&self, told: &str) -> String {
        self.in_zone(told, "%Y-%m-%d %H:%M:%S")
    }

    fn in_zone(&self, told: &str, form: &str) -> String {
        match told.parse::<Timestamp>() {
            Ok(time) => time.to_zoned(self.zone().clone()).strftime(form).to_string(),
            Err(_) => told.to_owned(),
        }
    }

    /// A person by name, where it may be read; else by the id beside which the name stands.
    pub(crate) fn person(&self, item: &Value, key: &str) -> String {
        let name = format!("{key}Name");
        if at(item, &format!("{name}.state")) == "open" { self.personal(item, &name) } else { at(item, key) }
    }

    /// A value that is kept sealed, or why it is not shown.
    pub(crate) fn personal(&self, item: &Value, path: &str) -> String {
        match at(item, &format!("{path}.state")).as_str() {
            "open" => at(item, &format!("{path}.value")),
            "closed" => self.text("personal-closed", &[]),
            "erased" => self.text("personal-erased", &[]),
            "unreadable" => self.text("personal-unreadable", &[]),
            _ => at(item, path),
        }
    }
}

/// The first of some paths that says something and is no object.
pub(crate) fn first(item: &Value, paths: &[&str]) -> String {
    paths.iter().map(|path| at(item, path)).find(|text| !text.is_empty() && !text.starts_with('{')).unwrap_or_default()
}

/// A line for each element of a list.
pub(crate) fn each(item: &Value, path: &str, line: impl Fn(&Value) -> String) -> String {
    let list = path.split('.').try_fold(item, |value, key| value.get(key)).and_then(Value::as_array);
    list.into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

/// How many elements a list has.
pub(crate) fn count(item: &Value, key: &str) -> usize {
    item.get(key).and_then(Value::as_array).map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use crate::cli::Globals;
    use crate::console::Console;
    use crate::talk::Lang;
    use domain::cases::{Outcome, Severity};
    use serde_json::json;

    fn console(lang: Lang) -> Console {
        let set = vec![("time_zone".to_owned(), "Europe/Stockholm".to_owned())];
        Console::new(&Globals { lang: Some(lang), set, ..Globals::default() })
    }

    #[test]
    fn times_are_to_the_second_in_the_zone_of_the_settings() {
        let console = console(Lang::Sv);
        assert_eq!(console.time("2026-11-22T18:05:33.123456Z"), "2026-11-22 19:05:33 +01:00");
        assert_eq!(console.short_time("2026-07-01T22:30:00Z"), "2026-07-02 00:30:00");
        assert_eq!(console.time(""), "");
    }

    /// Every word that the interface uses for a state, by the types it comes from or, where they have no list, by name.
    fn words() -> Vec<String> {
        let severities =
            [Severity::Low, Severity::Medium, Severity::High, Severity::Critical].map(|one| one.word().to_owned());
        let outcomes = Outcome::ALL.map(|one| one.word().to_owned());
        let roles = domain::permission::Role::ALL.map(|role| role.word().to_owned());
        let others = [
            "open",
            "snoozed",
            "closed",
            "answer_awaited",
            "other_rules",
            "active",
            "investigating",
            "resolved",
            "informational",
            "proposed",
            "released",
            "verified",
            "dry_run",
            "failed",
            "rejected",
            "expired",
            "stopped",
            "waiting",
            "ordered",
            "accepted",
            "looking",
            "seen",
            "stuck",
            "not_sent",
            "ended",
            "already_so",
            "normal",
            "emergency",
            "cancel_azure_subscription",
            "suspend_plan",
            "reactivate_plan",
            "reactivate_azure_subscription",
            "reservations",
            "marketplace",
            "seats",
            "running_state",
            "data_after_retention",
            "scheduled_changes",
            "protected",
            "size",
            "one_at_a_time",
            "attacked",
            "plan",
            "public",
            "us_government",
            "mining",
            "identity",
            "mailbox",
            "data",
            "orders",
            "other",
            "mining-takeover",
            "stop-attacked",
            "true",
            "false",
            "contact",
            "evidence",
            "screening",
            "billing",
        ];
        severities.into_iter().chain(outcomes).chain(roles).chain(others.map(str::to_owned)).collect()
    }

    #[test]
    fn every_key_of_the_interface_has_a_word_in_both_languages() {
        for lang in [Lang::En, Lang::Sv] {
            let console = console(lang);
            for word in words() {
                let key = format!("word-{}", word.replace('_', "-"));
                assert!(console.maybe(&key).is_some(), "{lang:?}: {key}");
            }
        }
        assert_eq!(console(Lang::En).word("a_story_of_ours"), "a story of ours");
    }

    #[test]
    fn what_can_not_be_seen_says_why() {
        let console = console(Lang::En);
        assert_eq!(console.personal(&json!({"name": {"state": "open", "value": "Åkeri"}}), "name"), "Åkeri");
        assert!(console.personal(&json!({"name": {"state": "erased"}}), "name").contains("erased"));
        assert!(console.personal(&json!({"name": {"state": "unreadable"}}), "name").contains("can't be read now"));
        assert!(console.personal(&json!({"name": {"state": "closed", "roles": []}}), "name").contains("role"));
    }
}
