//! The engine: feed events, get findings; take a checkpoint, restore it elsewhere.
//! Deterministic: no clock, no randomness. Event time comes from the event.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::correlation::Member;
use crate::event::{Event, EventError};
use crate::explain::{Holding, Questions};
use crate::finding::{Finding, FindingKind, Reason};
use crate::json::Tape;
use crate::keys::{Familiar, KeyTable, common};
use crate::load::RuleSet;
use crate::probe::Recent;
use crate::program::{Evaluation, Memo, Program, Route};
use crate::rule::{Level, Rule, RuleMeta};
use crate::special::Special;
use crate::state::{Keyring, MAX_PARTITIONS, Rates, RuleState, Terms, Windows};
use crate::stateful::{Hit, Stateful};
use crate::taxonomy::LogType;
use crate::test::Scratch;
use crate::view::{Layout, View};

/// How far ahead of its arrival an event's own time may lie, unless options say otherwise.
pub const DEFAULT_SKEW_SECONDS: i64 = 300;

/// Settings of an engine.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Which rules look at which events.
    pub route: Route,
    /// An event that claims to be further ahead of its arrival is dated by its arrival.
    pub max_skew_seconds: i64,
    /// Exceptions per partition.
    pub overrides: HashMap<String, Overrides>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { route: Route::Auto, max_skew_seconds: DEFAULT_SKEW_SECONDS, overrides: HashMap::new() }
    }
}

/// What is different in one partition.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Rules that are off, by id.
    pub off: BTreeSet<String>,
    /// Matches that are expected: they neither report nor count.
    pub allow: Vec<Allow>,
    /// Other thresholds, by rule id: the number a correlation or burst compares with
    /// (the lowest threshold of a burst; the others keep their ratio to it).
    pub thresholds: BTreeMap<String, f64>,
}

/// An expected match.
#[derive(Debug, Clone)]
pub struct Allow {
    /// The rule it concerns; `None` for every rule.
    pub rule: Option<String>,
    /// The field looked at, in any spelling the taxonomy knows.
    pub field: String,
    /// The values expected, compared without regard to letter case.
    pub values: BTreeSet<String>,
}

/// What an engine has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Events looked at.
    pub events: u64,
    /// Events for which at least one rule had to be evaluated.
    pub evaluated: u64,
    /// Rules that matched.
    pub matches: u64,
    /// Findings returned.
    pub findings: u64,
    /// Events without a time of their own, or with one too far ahead.
    pub redated: u64,
}

/// Size of what the engine remembers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Footprint {
    /// Partitions seen.
    pub partitions: usize,
    /// Groups with an open window or a baseline.
    pub groups: usize,
    /// Combinations seen.
    pub terms: usize,
    /// Groups and combinations forgotten for want of room.
    pub dropped: u64,
}

/// Why a checkpoint cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Not a checkpoint, or a damaged one.
    #[error("the checkpoint cannot be read: {reason}")]
    Unreadable {
        /// What the reader found.
        reason: String,
    },
    /// Written by another version of this format.
    #[error("the checkpoint has format {found}; this program reads {wanted}")]
    Version {
        /// Its format.
        found: u32,
        /// The format of this program.
        wanted: u32,
    },
}

const FORMAT: u32 = 1;

/// Fields to show, and reasons.
type Decided = (Vec<(Arc<str>, Arc<str>)>, Vec<Reason>);

#[derive(Serialize, Deserialize)]
struct Snapshot {
    stats: Stats,
    partitions: Vec<(String, i64)>,
    states: Vec<(String, RuleState)>,
}

/// The event at hand, in memory that the next one uses again.
#[derive(Debug, Default)]
struct Reading {
    tape: Tape,
    layout: Layout,
}

/// Evaluates a rule set against a stream of events.
#[derive(Debug)]
pub struct Engine {
    set: Arc<RuleSet>,
    options: EngineOptions,
    programs: Vec<Program>,
    keys: KeyTable,
    familiar: Familiar,
    /// First event of each partition, in microseconds.
    partitions: HashMap<Box<str>, i64>,
    /// State of rules, then of correlations; `None` for plain rules.
    states: Vec<Option<RuleState>>,
    /// For each rule, then each correlation: the correlations it feeds, and as which member.
    feeds: Vec<Vec<(usize, u16)>>,
    learns: bool,
    stats: Stats,
    scratch: Scratch,
    memo: Memo,
    folded: String,
    candidates: Vec<usize>,
    matched: Vec<usize>,
    questions: Questions,
    reading: Option<Box<Reading>>,
    recent: Recent,
    keyring: Keyring,
}

impl Engine {
    /// Makes an engine with an empty memory.
    #[must_use]
    pub fn new(set: Arc<RuleSet>, options: EngineOptions) -> Self {
        let mut keys = common().clone();
        let mut first_probe = 1;
        let programs = LogType::ALL
            .into_iter()
            .map(|log_type| {
                let program = Program::build(&set, log_type, options.route, &mut keys, first_probe);
                first_probe += program.probes();
                program
            })
            .collect();
        let fresh = |rule: &Rule| {
            rule.special.as_ref().map(|special| match special {
                Special::NewTerms(_) => RuleState::Terms(Terms::default()),
                Special::Rate(_) => RuleState::Rates(Rates::default()),
                Special::Burst(_) => RuleState::Windows(Windows::default()),
            })
        };
        let mut states: Vec<Option<RuleState>> = set.rules.iter().map(fresh).collect();
        states.extend(set.correlations.iter().map(|_| Some(RuleState::Windows(Windows::default()))));
        let mut feeds = vec![Vec::new(); set.rules.len() + set.correlations.len()];
        for (at, correlation) in set.correlations.iter().enumerate() {
            for (place, member) in correlation.members.iter().enumerate() {
                let from = match member {
                    Member::Rule(rule) => *rule,
                    Member::Correlation(inner) => set.rules.len() + inner,
                };
                if let Some(list) = feeds.get_mut(from) {
                    list.push((at, u16::try_from(place).unwrap_or(u16::MAX)));
                }
            }
        }
        let learns = set.rules.iter().any(|rule| matches!(&rule.special, Some(Special::NewTerms(_))));
        Self {
            set,
            options,
            programs,
            keys,
            familiar: Familiar::default(),
            partitions: HashMap::new(),
            states,
            feeds,
            learns,
            stats: Stats::default(),
            scratch: Scratch::default(),
            memo: Memo::default(),
            folded: String::new(),
            candidates: Vec::new(),
            matched: Vec::new(),
            questions: Questions::default(),
            reading: None,
            recent: Recent::default(),
            keyring: Keyring::default(),
        }
    }

    /// Looks at one event of a partition (a customer, a tenant) and returns what the rules find.
    ///
    /// `received` is when it arrived; it dates events without a time of their own.
    ///
    /// # Errors
    /// Returns why the bytes are not an event. The engine is unchanged then.
    pub fn feed(&mut self, partition: &str, bytes: &[u8], received: Timestamp) -> Result<Vec<Finding>, EventError> {
        // Taken out while it is borrowed, and given back in every case.
        let mut reading = self.reading.take().unwrap_or_default();
        let Reading { tape, layout } = &mut *reading;
        let findings = crate::event::read(bytes, tape).map(|doc| {
            layout.remember(doc.root(), &self.keys, &mut self.familiar);
            self.look(partition, &View::new(doc, layout), received)
        });
        self.reading = Some(reading);
        findings
    }

    /// The same for an event that is parsed already.
    pub fn feed_event(&mut self, partition: &str, event: &Event, received: Timestamp) -> Vec<Finding> {
        self.look(partition, &event.view(), received)
    }

    fn look(&mut self, partition: &str, event: &View<'_>, received: Timestamp) -> Vec<Finding> {
        self.stats.events = self.stats.events.saturating_add(1);
        if self.learns && !self.partitions.contains_key(partition) && self.partitions.len() < MAX_PARTITIONS {
            let (time, _) = self.date(event, received);
            self.partitions.insert(partition.into(), time.as_microsecond());
        }
        let mut findings = Vec::new();
        // Taken out while they are used, and given back.
        let programs = std::mem::take(&mut self.programs);
        let mut candidates = std::mem::take(&mut self.candidates);
        if let Some(program) = programs.get(event.log_type().index()) {
            program.candidates(event, &mut self.recent, &mut self.folded, &mut candidates);
            if !candidates.is_empty() {
                self.stats.evaluated = self.stats.evaluated.saturating_add(1);
                self.evaluate(partition, event, received, program, &candidates, &mut findings);
            }
        }
        self.candidates = candidates;
        self.programs = programs;
        self.stats.findings = self.stats.findings.saturating_add(u64::try_from(findings.len()).unwrap_or(0));
        findings
    }

    fn evaluate(
        &mut self,
        partition: &str,
        event: &View<'_>,
        received: Timestamp,
        program: &Program,
        candidates: &[usize],
        findings: &mut Vec<Finding>,
    ) {
        self.memo.next(self.set.items.list.len());
        self.scratch.next();
        let mut matched = std::mem::take(&mut self.matched);
        matched.clear();
        let mut evaluation =
            Evaluation { set: &self.set, program, event, scratch: &mut self.scratch, memo: &mut self.memo };
        matched.extend(
            candidates.iter().filter(|at| self.set.rules.get(**at).is_some_and(|rule| evaluation.rule(rule))).copied(),
        );
        if !matched.is_empty() {
            self.report(partition, event, received, program, &matched, findings);
        }
        self.matched = matched;
    }

    /// Turns the rules that matched into findings.
    fn report(
        &mut self,
        partition: &str,
        event: &View<'_>,
        received: Timestamp,
        program: &Program,
        matched: &[usize],
        findings: &mut Vec<Finding>,
    ) {
        let set = Arc::clone(&self.set);
        let mut hits: Option<Hit<'_>> = None;
        for at in matched {
            let Some(rule) = set.rules.get(*at).filter(|rule| !self.expected(partition, event, &rule.meta)) else {
                continue;
            };
            self.stats.matches = self.stats.matches.saturating_add(1);
            if hits.is_none() {
                let (time, redated) = self.date(event, received);
                self.stats.redated = self.stats.redated.saturating_add(u64::from(redated));
                hits = Some(Hit::new(partition, event, program, time, received));
            }
            if let Some(hit) = &mut hits {
                self.hit(&set, *at, rule, hit, findings);
            }
        }
    }

    /// A rule matched: it reports, counts, or feeds correlations.
    fn hit(&mut self, set: &RuleSet, at: usize, rule: &Rule, hit: &mut Hit<'_>, findings: &mut Vec<Finding>) {
        match &rule.special {
            None if rule.emits => {
                // Most events give one finding.
                findings.reserve_exact(usize::from(findings.is_empty()));
                findings.push(self.finding(set, at, rule, (rule.meta.level, FindingKind::Single), hit));
            }
            None => {}
            Some(special) => {
                let first_seen = self.partitions.get(hit.partition).copied();
                let kinds = self.stateful(set, hit.partition).special(at, rule, special, hit, first_seen);
                if kinds.is_empty() {
                    return;
                }
                if rule.emits {
                    findings.extend(kinds.into_iter().map(|kind| self.finding(set, at, rule, kind, hit)));
                }
            }
        }
        if self.feeds.get(at).is_none_or(Vec::is_empty) {
            return;
        }
        for (correlation, kind) in self.stateful(set, hit.partition).correlate(at, hit) {
            let Some(correlation) = set.correlations.get(correlation) else { continue };
            if correlation.emits && !self.is_off(hit.partition, &correlation.meta) {
                let (mut fields, reasons) = self.decided(set, at, rule, hit);
                if let FindingKind::Correlation { group, .. } = &kind {
                    for (name, value) in group.iter().filter_map(|(n, v)| v.as_ref().map(|v| (n, v))) {
                        if !fields.iter().any(|(known, _)| **known == **name) {
                            fields.push((name.as_str().into(), value.as_str().into()));
                        }
                    }
                }
                findings.push(hit.finding(&correlation.meta, correlation.meta.level, fields, reasons, kind));
            }
        }
    }

    fn stateful<'s>(&'s mut self, set: &'s RuleSet, partition: &str) -> Stateful<'s> {
        Stateful {
            set,
            states: &mut self.states,
            feeds: &self.feeds,
            overrides: self.options.overrides.get(partition),
            keys: &mut self.keyring,
        }
    }

    fn finding(
        &mut self,
        set: &RuleSet,
        at: usize,
        rule: &Rule,
        (level, kind): (Level, FindingKind),
        hit: &Hit<'_>,
    ) -> Finding {
        let (fields, reasons) = self.decided(set, at, rule, hit);
        hit.finding(&rule.meta, level, fields, reasons, kind)
    }

    fn decided(&mut self, set: &RuleSet, at: usize, rule: &Rule, hit: &Hit<'_>) -> Decided {
        let (event, program) = (hit.event, hit.program);
        let evaluation = &mut Evaluation { set, program, event, scratch: &mut self.scratch, memo: &mut self.memo };
        let mut holding = Holding { at, rule, evaluation };
        let reasons = holding.reasons(&mut self.questions);
        (holding.fields(&reasons), reasons)
    }

    fn date(&self, event: &View<'_>, received: Timestamp) -> (Timestamp, bool) {
        let latest = received.as_second().saturating_add(self.options.max_skew_seconds);
        match event.time() {
            Some(time) if time.as_second() <= latest => (time, false),
            _ => (received, true),
        }
    }

    fn is_off(&self, partition: &str, meta: &RuleMeta) -> bool {
        self.options.overrides.get(partition).is_some_and(|o| o.off.contains(&meta.id))
    }

    /// Whether the partition expects this match.
    fn expected(&self, partition: &str, event: &View<'_>, meta: &RuleMeta) -> bool {
        let Some(overrides) = self.options.overrides.get(partition) else { return false };
        if overrides.off.contains(&meta.id) {
            return true;
        }
        overrides.allow.iter().filter(|a| a.rule.as_ref().is_none_or(|id| *id == meta.id)).any(|allow| {
            let paths = crate::taxonomy::plan(event.log_type(), &allow.field);
            let mut found = false;
            event.visit(&paths, &mut |leaf| {
                found = crate::event::leaf_text(leaf)
                    .is_some_and(|text| allow.values.iter().any(|v| crate::fold::fold(v) == crate::fold::fold(&text)));
                found
            });
            found
        })
    }

    /// What the engine has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Size of what it remembers.
    #[must_use]
    pub fn footprint(&self) -> Footprint {
        let mut sum = Footprint { partitions: self.partitions.len(), ..Footprint::default() };
        for state in self.states.iter().flatten() {
            match state {
                RuleState::Windows(windows) => {
                    sum.groups += windows.len();
                    sum.dropped = sum.dropped.saturating_add(windows.dropped);
                }
                RuleState::Rates(rates) => {
                    sum.groups += rates.len();
                    sum.dropped = sum.dropped.saturating_add(rates.dropped);
                }
                RuleState::Terms(terms) => {
                    sum.terms += terms.len();
                    sum.dropped = sum.dropped.saturating_add(terms.dropped);
                }
            }
        }
        sum
    }

    /// The rules in use.
    #[must_use]
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.set
    }

    /// Everything the engine remembers, as bytes: equal states give equal bytes.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<u8> {
        let mut partitions: Vec<(String, i64)> = self.partitions.iter().map(|(p, t)| (p.to_string(), *t)).collect();
        partitions.sort_unstable();
        let states = self
            .set
            .metas()
            .zip(&self.states)
            .filter_map(|(meta, state)| Some((meta.id.clone(), state.clone()?)))
            .collect();
        let snapshot = Snapshot { stats: self.stats, partitions, states };
        let mut bytes = FORMAT.to_be_bytes().to_vec();
        // Writing plain data to memory does not fail; an empty body would be refused by restore.
        bytes.extend(postcard::to_stdvec(&snapshot).unwrap_or_default());
        bytes
    }

    /// Makes an engine that remembers what a checkpoint holds. The rule set may have changed:
    /// memory is kept for the rules that still exist under their id and kind.
    ///
    /// # Errors
    /// Returns why the bytes cannot be restored.
    pub fn restore(bytes: &[u8], set: Arc<RuleSet>, options: EngineOptions) -> Result<Self, RestoreError> {
        let short = || RestoreError::Unreadable { reason: "it is too short".into() };
        let (head, body) = bytes.split_first_chunk::<4>().ok_or_else(short)?;
        let found = u32::from_be_bytes(*head);
        if found != FORMAT {
            return Err(RestoreError::Version { found, wanted: FORMAT });
        }
        let snapshot: Snapshot =
            postcard::from_bytes(body).map_err(|error| RestoreError::Unreadable { reason: error.to_string() })?;
        let mut engine = Self::new(set, options);
        engine.stats = snapshot.stats;
        engine.partitions = snapshot.partitions.into_iter().map(|(p, t)| (p.into_boxed_str(), t)).collect();
        let mut kept: HashMap<String, RuleState> = snapshot.states.into_iter().collect();
        let set = Arc::clone(&engine.set);
        for (meta, state) in set.metas().zip(&mut engine.states) {
            if let (Some(fresh), Some(old)) = (state.as_mut(), kept.remove(&meta.id))
                && std::mem::discriminant(fresh) == std::mem::discriminant(&old)
            {
                *fresh = old;
            }
        }
        Ok(engine)
    }
}
