//! `on-call.toml`: who is woken when something can't wait, whose turn it is, and who comes after whom. A policy
//! without the file, or with the file switched off, wakes nobody.

use super::plain_name;
use crate::document::{Document, Placed};
use crate::section::Section;
use crate::suggestion::hint;
use domain::paging::{
    EscalationStep, Language, MAX_ESCALATION_STEPS, MAX_RECEIVERS, MAX_RECEIVERS_PER_STEP, MAX_TURNS, OnCall, Receiver,
    Rota, Target,
};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The word for whose turn it is.
const ON_CALL: &str = "on-call";

/// What `on-call.toml` says.
pub(crate) struct OnCallFile {
    /// Nothing when it is switched off.
    pub(crate) on_call: Option<OnCall>,
    /// Where the times before the marks of an answer stand, to be held against `clocks.toml`.
    pub(crate) before: Option<(Placed<SignedDuration>, Placed<SignedDuration>)>,
}

pub(crate) fn read(document: &Document<'_>) -> Option<OnCallFile> {
    let root = document.root();
    let enabled = root.flag("enabled");
    let before = root.optional_section("answers").and_then(|section| {
        let (target, limit) = (section.duration("before_target"), section.duration("before_limit"));
        section.finish();
        Some((target?, limit?))
    });
    let receivers = receivers(document, root.optional_sections("receiver"));
    let names: Vec<&str> = receivers.keys().map(String::as_str).collect();
    let rota = root.optional_section("rota").map(|section| rota(section, &names));
    let steps = steps(document, root.optional_sections("step"), &names, rota.is_some());
    if enabled == Some(true) && (receivers.is_empty() || steps.is_empty() || before.is_none()) {
        let message = "who is on call needs [answers], at least one [[receiver]] and one [[step]]";
        document.problem(root.place(), message, Some("or set `enabled = false`: then nobody is woken".to_owned()));
    }
    root.finish();
    // A rota that can't be read is told already; without it the file is no policy.
    let rota = match rota {
        Some(read) => Some(read?),
        None => None,
    };
    let times = before.as_ref().map(|(target, limit)| (target.value, limit.value));
    let on_call = times.filter(|_| enabled == Some(true)).map(|(before_target, before_limit)| OnCall {
        receivers,
        rota,
        steps,
        before_target,
        before_limit,
    });
    enabled.map(|_| OnCallFile { on_call, before })
}

fn receivers(document: &Document<'_>, sections: Vec<Section<'_, '_>>) -> BTreeMap<String, Receiver> {
    if sections.len() > MAX_RECEIVERS {
        document.problem(&(0..0), format!("there are more than {MAX_RECEIVERS} receivers"), None);
    }
    let mut receivers = BTreeMap::new();
    for section in sections.into_iter().take(MAX_RECEIVERS) {
        let (name, channel) = (plain_name(&section, "name"), plain_name(&section, "channel"));
        let user = section.optional_text("user");
        let parsed = user.as_ref().map(|user| user.value.parse().ok());
        if let (Some(user), Some(None)) = (&user, &parsed) {
            let hint =
                Some("`borgen admin user list` shows the ids; leave it out for a channel that many read".to_owned());
            section.problem(&user.place, format!("`{}` is no id of a user", user.value), hint);
        }
        let language = section.word("lang", &[("en", Language::En), ("sv", Language::Sv)]);
        if let Some(name) = name.as_ref().filter(|name| receivers.contains_key(&name.value) || name.value == ON_CALL) {
            section.problem(&name.place, format!("the name `{}` is taken", name.value), None);
        }
        section.finish();
        if let (Some(name), Some(channel), Some(language)) = (name, channel, language) {
            let receiver = Receiver { channel: channel.value, user: parsed.flatten(), language: language.value };
            receivers.entry(name.value).or_insert(receiver);
        }
    }
    receivers
}

fn rota(section: Section<'_, '_>, names: &[&str]) -> Option<Rota> {
    let zone = section.text("time_zone").and_then(|text| {
        let zone = TimeZone::get(&text.value).ok();
        if zone.is_none() {
            let hint = Some("write it as in Europe/Stockholm".to_owned());
            section.problem(&text.place, format!("`{}` is no time zone", text.value), hint);
        }
        zone
    });
    let begins = section.text("begins").and_then(|text| {
        let begins = text.value.parse::<DateTime>().ok();
        if begins.is_none() {
            let hint = Some("write it as in 2026-11-23 08:00".to_owned());
            section.problem(&text.place, format!("`{}` is no date with a time", text.value), hint);
        }
        begins
    });
    let turns = section.texts("turns");
    for turn in turns.iter().flatten().filter(|turn| !names.contains(&turn.value.as_str())) {
        section.problem(&turn.place, format!("there is no receiver `{}`", turn.value), hint(&turn.value, names));
    }
    let count = turns.as_ref().map_or(1, Vec::len);
    if count == 0 || count > MAX_TURNS {
        section.problem(section.place(), format!("a rota has 1 to {MAX_TURNS} turns"), None);
    }
    section.finish();
    let turns = turns?.into_iter().map(|turn| turn.value).collect();
    Some(Rota { zone: zone?, begins: begins?, turns })
}

fn steps(
    document: &Document<'_>,
    sections: Vec<Section<'_, '_>>,
    names: &[&str],
    has_rota: bool,
) -> Vec<EscalationStep> {
    if sections.len() > MAX_ESCALATION_STEPS {
        document.problem(&(0..0), format!("there are more than {MAX_ESCALATION_STEPS} steps"), None);
    }
    let mut steps: Vec<EscalationStep> = Vec::new();
    for (section, number) in sections.into_iter().take(MAX_ESCALATION_STEPS).zip(0..) {
        let after = if number == 0 { None } else { section.duration("after") };
        if let Some(after) = &after
            && steps.last().is_some_and(|before| after.value <= before.after)
        {
            section.problem(&after.place, "each step comes later than the one before", None);
        }
        let to = section.texts("to");
        let count = to.as_ref().map_or(1, Vec::len);
        if count == 0 || count > MAX_RECEIVERS_PER_STEP {
            section.problem(section.place(), format!("a step wakes 1 to {MAX_RECEIVERS_PER_STEP}"), None);
        }
        for name in to.iter().flatten() {
            if name.value == ON_CALL && !has_rota {
                section.problem(&name.place, "`on-call` needs a [rota]", None);
            } else if name.value != ON_CALL && !names.contains(&name.value.as_str()) {
                let hint = hint(&name.value, names);
                section.problem(&name.place, format!("there is no receiver `{}`", name.value), hint);
            }
        }
        section.finish();
        let target = |name: Placed<String>| {
            if name.value == ON_CALL { Target::OnCall } else { Target::Receiver(name.value) }
        };
        steps.push(EscalationStep {
            after: after.map_or(SignedDuration::ZERO, |after| after.value),
            to: to.into_iter().flatten().map(target).collect(),
        });
    }
    steps
}
