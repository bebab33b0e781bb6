//! What happens when a rule matched and something must be remembered: first-seen, rates,
//! bursts, and correlations with their chains.

use std::sync::Arc;

use jiff::Timestamp;

use crate::correlation::{Correlation, CorrelationType, GroupField};
use crate::engine::Overrides;
use crate::event::leaf_text;
use crate::finding::{Finding, FindingKind, MemberRef, Reason};
use crate::load::RuleSet;
use crate::number::Number;
use crate::program::Program;
use crate::rule::{Level, Rule, RuleMeta};
use crate::special::{Burst, Measure, NewTerms, Rate, Special};
use crate::state::{
    Arrival, Keyring, MAX_SCANNED_ENTRIES, MAX_WINDOW_ENTRIES, RuleState, Sighting, Surge, Window, digest, short,
};
use crate::taxonomy::{self, Concept, Leaf};
use crate::test::places;
use crate::view::View;

/// An event that matched at least one rule, with what is worked out only then.
pub(crate) struct Hit<'h> {
    pub partition: &'h str,
    pub event: &'h View<'h>,
    pub program: &'h Program,
    pub time: Timestamp,
    pub received: Timestamp,
    identity: Option<(Option<String>, String, u64)>,
}

type Group = Vec<(String, Option<String>)>;

impl<'h> Hit<'h> {
    pub(crate) fn new(
        partition: &'h str,
        event: &'h View<'h>,
        program: &'h Program,
        time: Timestamp,
        received: Timestamp,
    ) -> Self {
        Self { partition, event, program, time, received, identity: None }
    }

    /// The event's name, and a digest of it.
    fn identity(&mut self) -> (&str, u64) {
        let (_, name, digest) = self.identity.get_or_insert_with(|| {
            let (id, name) = identity(self.event);
            let digest = short(&name);
            (id, name, digest)
        });
        (name, *digest)
    }

    fn text(&self, field: usize) -> Option<String> {
        self.event.first_text(places(&self.program.plans, field))
    }

    fn number(&self, field: usize) -> Option<f64> {
        let mut found = None;
        self.event.visit(places(&self.program.plans, field), &mut |leaf| {
            if let Leaf::Number(text) | Leaf::Text(text) = leaf {
                found = Number::parse(text).map(|n| n.to_f64()).filter(|n| n.is_finite());
            }
            found.is_some()
        });
        found
    }

    fn group(&self, set: &RuleSet, fields: &[usize]) -> Group {
        let name = |field: &usize| set.fields.get(*field).map(ToString::to_string).unwrap_or_default();
        fields.iter().map(|field| (name(field), self.text(*field))).collect()
    }

    pub(crate) fn finding(
        &self,
        meta: &Arc<RuleMeta>,
        level: Level,
        fields: Vec<(Arc<str>, Arc<str>)>,
        reasons: Vec<Reason>,
        kind: FindingKind,
    ) -> Finding {
        Finding {
            rule: Arc::clone(meta),
            level,
            partition: self.partition.to_owned(),
            event_time: self.time,
            received: self.received,
            event_id: self.event.concept(Concept::EventId),
            log_type: self.event.log_type(),
            fields,
            reasons,
            kind,
        }
    }
}

/// The event's own identity: its id, or the beginning of the digest of its content.
fn identity(event: &View<'_>) -> (Option<String>, String) {
    if let Some(id) = event.concept(Concept::EventId) {
        return (Some(id.clone()), id);
    }
    let mut text = String::new();
    taxonomy::compact(event.root(), &mut text);
    (None, format!("sha256:{:032x}", digest(text.as_bytes())))
}

/// The memory of an engine, while an event is handled.
pub(crate) struct Stateful<'s> {
    pub set: &'s RuleSet,
    pub states: &'s mut Vec<Option<RuleState>>,
    pub feeds: &'s [Vec<(usize, u16)>],
    pub overrides: Option<&'s Overrides>,
    pub keys: &'s mut Keyring,
}

impl Stateful<'_> {
    /// A rule with an addition matched. Returns what is to be reported.
    pub(crate) fn special(
        &mut self,
        at: usize,
        rule: &Rule,
        special: &Special,
        hit: &mut Hit<'_>,
        first_event: Option<i64>,
    ) -> Vec<(Level, FindingKind)> {
        match special {
            Special::NewTerms(terms) => {
                self.new_terms(at, terms, hit, first_event).map(|kind| (rule.meta.level, kind)).into_iter().collect()
            }
            Special::Rate(rate) => self.rate(at, rate, hit).map(|kind| (rule.meta.level, kind)).into_iter().collect(),
            Special::Burst(burst) => self.burst(at, rule, burst, hit),
        }
    }

    fn new_terms(
        &mut self,
        at: usize,
        terms: &NewTerms,
        hit: &Hit<'_>,
        first_event: Option<i64>,
    ) -> Option<FindingKind> {
        let group = hit.group(self.set, &terms.fields);
        // A combination with a missing part is not a combination.
        let shown: Vec<(String, String)> =
            group.iter().map(|(n, v)| Some((n.clone(), v.clone()?))).collect::<Option<_>>()?;
        let key = self.keys.key(hit.partition, texts(&group));
        let time = hit.time.as_microsecond();
        let Some(Some(RuleState::Terms(state))) = self.states.get_mut(at) else { return None };
        let before = match state.note(key, time, terms.history_us) {
            Sighting::Known => return None,
            Sighting::First => None,
            Sighting::Again(before) => Some(before),
        };
        let began = first_event.unwrap_or(time);
        if time.saturating_sub(began) < terms.learning_us {
            return None;
        }
        let last_seen = before.and_then(|us| Timestamp::from_microsecond(us).ok());
        Some(FindingKind::FirstSeen { terms: shown, history_seconds: terms.history_us / 1_000_000, last_seen })
    }

    fn rate(&mut self, at: usize, rate: &Rate, hit: &Hit<'_>) -> Option<FindingKind> {
        let group = hit.group(self.set, &rate.group_by);
        let key = self.keys.key(hit.partition, texts(&group));
        let Some(Some(RuleState::Rates(state))) = self.states.get_mut(at) else { return None };
        let Surge { count, expected, buckets } = state.note(key, hit.time.as_microsecond(), rate)?;
        Some(FindingKind::Rate { group, count, expected, bucket_seconds: rate.bucket_us / 1_000_000, buckets })
    }

    fn burst(&mut self, at: usize, rule: &Rule, burst: &Burst, hit: &mut Hit<'_>) -> Vec<(Level, FindingKind)> {
        let group = hit.group(self.set, &burst.group_by);
        let key = self.keys.key(hit.partition, texts(&group));
        let counted = burst.distinct.map(|field| hit.text(field));
        if counted == Some(None) && burst.thresholds.iter().all(|t| t.measure == Measure::Distinct) {
            return Vec::new();
        }
        let scale = self.scale(&rule.meta.id, burst);
        let time = hit.time.as_microsecond();
        let (note, id) = hit.identity();
        let Some(Some(RuleState::Windows(state))) = self.states.get_mut(at) else { return Vec::new() };
        let window = state.group(key, time, burst.span_us);
        let value = counted.flatten().map_or(0, |text| short(&crate::fold::fold(&text)));
        if !window.push(
            Arrival { time, id, value, member: 0 },
            note,
            burst.span_us,
            MAX_WINDOW_ENTRIES,
            burst.distinct.is_some(),
        ) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (place, threshold) in burst.thresholds.iter().enumerate() {
            let measured = match threshold.measure {
                Measure::Count => window.entries.len(),
                Measure::Distinct => window.distinct(),
            };
            let measured = u64::try_from(measured).unwrap_or(u64::MAX);
            let at_least = scale.map_or(threshold.at_least, |factor| scaled(threshold.at_least, factor));
            if let Some(storm) = window.storm(place, measured >= at_least) {
                let (first, last, members) = span_of(window);
                let kind = FindingKind::Burst {
                    group: group.clone(),
                    measure: threshold.measure,
                    value: measured,
                    at_least,
                    count: u64::try_from(window.entries.len()).unwrap_or(u64::MAX),
                    window_seconds: burst.span_us / 1_000_000,
                    first,
                    last,
                    members,
                    storm,
                };
                out.push((threshold.level.unwrap_or(rule.meta.level), kind));
            }
        }
        out
    }

    /// The factor by which a partition's own threshold moves those of a burst.
    fn scale(&self, id: &str, burst: &Burst) -> Option<f64> {
        let wanted = self.overrides?.thresholds.get(id)?;
        let lowest = burst.thresholds.iter().map(|t| t.at_least).min().and_then(|n| u32::try_from(n).ok())?;
        Some(wanted / f64::from(lowest.max(1)))
    }

    /// Feeds the correlations of a rule that fired, and those that these feed in turn.
    /// Returns the correlations that are to be reported, by index.
    pub(crate) fn correlate(&mut self, rule: usize, hit: &mut Hit<'_>) -> Vec<(usize, FindingKind)> {
        let mut out = Vec::new();
        let mut waiting: Vec<(usize, Option<Group>)> = vec![(rule, None)];
        let feeds = self.feeds;
        // Inner correlations stand before outer ones and circles were refused, so this ends.
        while let Some((from, inner)) = waiting.pop() {
            for (at, member) in feeds.get(from).into_iter().flatten() {
                let Some(correlation) = self.set.correlations.get(*at) else { continue };
                if let Some(kind) = self.arrive(*at, correlation, from, *member, inner.as_ref(), hit) {
                    let FindingKind::Correlation { group, .. } = &kind else { continue };
                    let next = self.set.rules.len() + at;
                    if feeds.get(next).is_some_and(|list| !list.is_empty()) {
                        waiting.push((next, Some(group.clone())));
                    }
                    out.push((*at, kind));
                }
            }
        }
        out
    }

    fn arrive(
        &mut self,
        at: usize,
        correlation: &Correlation,
        from: usize,
        member: u16,
        inner: Option<&Group>,
        hit: &mut Hit<'_>,
    ) -> Option<FindingKind> {
        let values = self.values_of(correlation, from, inner, hit);
        let value = measured_value(correlation, hit)?;
        let key = self.keys.key(hit.partition, values.iter().map(Option::as_deref));
        let time = hit.time.as_microsecond();
        let own = self.overrides.and_then(|o| o.thresholds.get(&correlation.meta.id)).copied();
        let (note, id) = hit.identity();
        let Some(Some(RuleState::Windows(state))) = self.states.get_mut(self.set.rules.len() + at) else { return None };
        let window = state.group(key, time, correlation.span_us);
        let counting = correlation.kind == CorrelationType::ValueCount;
        let limit = if matches!(correlation.kind, CorrelationType::EventCount | CorrelationType::ValueCount) {
            MAX_WINDOW_ENTRIES
        } else {
            MAX_SCANNED_ENTRIES
        };
        if !window.push(Arrival { time, id, value, member }, note, correlation.span_us, limit, counting) {
            return None;
        }
        let measured = measure(correlation, window);
        let holds = correlation
            .bounds
            .iter()
            .all(|(order, bound)| measured.partial_cmp(&own.unwrap_or(*bound)).is_some_and(|o| order.holds(o)));
        let storm = window.storm(0, holds)?;
        let (first, last, members) = span_of(window);
        let group = correlation.group_by.iter().map(|part| part.name.clone()).zip(values).collect();
        Some(FindingKind::Correlation {
            correlation: correlation.kind,
            group,
            count: u64::try_from(window.entries.len()).unwrap_or(u64::MAX),
            measured,
            window_seconds: correlation.span_us / 1_000_000,
            first,
            last,
            members,
            storm,
        })
    }

    /// Values of the group: from the inner correlation's own group where it has the name,
    /// else from the event, by the alias for the rule that fired.
    fn values_of(
        &self,
        correlation: &Correlation,
        from: usize,
        inner: Option<&Group>,
        hit: &Hit<'_>,
    ) -> Vec<Option<String>> {
        let is = |name: &str| self.set.meta(from).is_some_and(|m| m.id == name || m.name.as_deref() == Some(name));
        let value = |part: &GroupField| {
            let known = inner.and_then(|group| group.iter().find(|(name, _)| *name == part.name));
            let field = part.aliases.iter().find(|(rule, _)| is(rule)).map_or(part.field, |(_, field)| *field);
            known.map_or_else(|| hit.text(field), |(_, value)| value.clone())
        };
        correlation.group_by.iter().map(value).collect()
    }
}

fn texts(group: &Group) -> impl Iterator<Item = Option<&str>> {
    group.iter().map(|(_, value)| value.as_deref())
}

/// What is stored with an arrival; `None` when the event has nothing to be counted or summed.
fn measured_value(correlation: &Correlation, hit: &Hit<'_>) -> Option<u64> {
    match correlation.kind {
        CorrelationType::EventCount | CorrelationType::Temporal | CorrelationType::TemporalOrdered => Some(0),
        CorrelationType::ValueCount => {
            let mut joined = String::new();
            for field in &correlation.fields {
                let mut found = None;
                hit.event.visit(places(&hit.program.plans, *field), &mut |leaf| {
                    found = leaf_text(leaf);
                    found.is_some()
                });
                joined.push_str(&crate::fold::fold(&found?));
                joined.push('\u{0}');
            }
            Some(short(&joined))
        }
        CorrelationType::ValueSum | CorrelationType::ValueAvg | CorrelationType::ValuePercentile => {
            correlation.fields.first().and_then(|field| hit.number(*field)).map(f64::to_bits)
        }
    }
}

fn measure(correlation: &Correlation, window: &mut Window) -> f64 {
    let float = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
    let numbers = |window: &Window| window.entries.iter().map(|e| f64::from_bits(e.value)).collect::<Vec<f64>>();
    match correlation.kind {
        CorrelationType::EventCount => float(window.entries.len()),
        CorrelationType::ValueCount => float(window.distinct()),
        CorrelationType::Temporal => {
            let mut members: Vec<u16> = window.entries.iter().map(|e| e.member).collect();
            members.sort_unstable();
            members.dedup();
            float(members.len())
        }
        CorrelationType::TemporalOrdered => float(longest_prefix(window, correlation.members.len())),
        CorrelationType::ValueSum => numbers(window).iter().sum(),
        CorrelationType::ValueAvg => numbers(window).iter().sum::<f64>() / float(window.entries.len().max(1)),
        CorrelationType::ValuePercentile => {
            let mut all = numbers(window);
            all.sort_unstable_by(f64::total_cmp);
            percentile(&all, correlation.percentile)
        }
    }
}

/// How many of the rules fired one after the other, in the order of the list.
fn longest_prefix(window: &Window, rules: usize) -> usize {
    let mut next = 0;
    for entry in &window.entries {
        if usize::from(entry.member) == next && next < rules {
            next += 1;
        }
    }
    next
}

/// The value at a percentile, by the nearest rank.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let wanted = percent / 100.0;
    let count = u32::try_from(sorted.len()).map_or(f64::MAX, f64::from);
    let mut rank = 1_u32;
    let found = sorted.iter().find(|_| {
        let reached = f64::from(rank) / count >= wanted - 1e-12;
        rank += 1;
        reached
    });
    found.or(sorted.last()).copied().unwrap_or(f64::NAN)
}

fn scaled(at_least: u64, factor: f64) -> u64 {
    let wanted = u32::try_from(at_least).map_or(f64::MAX, f64::from) * factor;
    // The smallest whole number not below: counted, since a float does not convert to one.
    let limit = u64::try_from(MAX_WINDOW_ENTRIES).unwrap_or(u64::MAX);
    let (mut low, mut high) = (1_u64, limit);
    while low < high {
        let middle = low.midpoint(high);
        if u32::try_from(middle).map_or(f64::MAX, f64::from) >= wanted {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn span_of(window: &Window) -> (Timestamp, Timestamp, Vec<MemberRef>) {
    let time = |us: i64| Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH);
    let members = window.notes.iter().map(|n| MemberRef { time: time(n.time), event: n.event.clone() }).collect();
    (time(window.first()), time(window.latest), members)
}
