//! One finding with the event it was made from, as plain values and still open: it lives in memory only, until it is
//! sealed and recorded.

use domain::ids::{AzureSubscriptionId, Hash};
use domain::signals::{Evidence, Level, RuleRef};
use jiff::Timestamp;
use sigma::concepts::Concepts;
use sigma::{Finding, FindingKind};

/// The most fields and the most reasons that are kept as evidence.
pub const MAX_EVIDENCE_LINES: usize = 24;
/// The longest value of a field, in bytes.
pub const MAX_EVIDENCE_VALUE_BYTES: usize = 512;
/// How much of the event is kept as evidence, in bytes.
pub const MAX_EVIDENCE_EVENT_BYTES: usize = 16 * 1024;
/// The longest id, title or region that is taken over.
const MAX_WORD_BYTES: usize = 512;
/// The most tags of a rule.
const MAX_TAGS: usize = 32;
/// The longest event id that is used as a key as it is; a longer one is hashed.
const MAX_KEY_BYTES: usize = 100;

/// The write of a scale set: its capacity says how many machines it has. Elsewhere a capacity means other things.
const SCALE_SET_WRITE: &str = "microsoft.compute/virtualmachinescalesets/write";

/// A machine that began to run, or a scale set of machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its Azure resource id, in small letters: Azure writes one id in several ways.
    pub resource: String,
    /// How many machines it is: more than one for a scale set only.
    pub instances: u32,
    /// Its size.
    pub size: String,
    /// Its region, empty when the event does not say.
    pub region: String,
}

/// A finding with its event.
#[derive(Debug, Clone, PartialEq)]
pub struct Spotted {
    /// The rule.
    pub rule: RuleRef,
    /// The kind of log.
    pub log: String,
    /// When it happened, by the event.
    pub happened: Timestamp,
    /// When the event reached us.
    pub received: Timestamp,
    /// Rule and event: the same finding told twice has the same key.
    pub key: String,
    /// How many events it stands for.
    pub count: u32,
    /// The Azure subscription it is in.
    pub azure_subscription: Option<AzureSubscriptionId>,
    /// The Azure region.
    pub region: Option<String>,
    /// The machine size.
    pub size: Option<String>,
    /// What began to run.
    pub running: Vec<Running>,
    /// Who did it.
    pub caller: Option<String>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// The window of a finding about many events; nothing for one about a single event.
#[must_use]
pub fn window_of(kind: &FindingKind) -> Option<(Timestamp, Timestamp)> {
    match kind {
        FindingKind::Correlation { first, last, .. } | FindingKind::Burst { first, last, .. } => Some((*first, *last)),
        FindingKind::Single | FindingKind::FirstSeen { .. } | FindingKind::Rate { .. } => None,
    }
}

impl Spotted {
    /// A finding with the concepts of its event and the event's bytes.
    #[must_use]
    pub fn of(finding: &Finding, concepts: &Concepts, event: &[u8], rule_set: Hash) -> Self {
        let word = |text: &Option<String>| text.as_deref().map(|text| cut(text, MAX_WORD_BYTES));
        Self {
            rule: rule_of(finding, rule_set),
            log: log_word(finding),
            happened: finding.event_time,
            received: finding.received,
            key: key_of(finding, event),
            count: count_of(&finding.kind),
            azure_subscription: concepts.subscription_id.as_deref().and_then(|id| id.parse().ok()),
            region: word(&concepts.location),
            size: word(&concepts.vm_size),
            running: Running::of(concepts).into_iter().collect(),
            caller: word(&concepts.caller),
            evidence: evidence_of(finding, event),
        }
    }
}

fn rule_of(finding: &Finding, rule_set: Hash) -> RuleRef {
    let meta = &finding.rule;
    RuleRef {
        id: cut(&meta.id, MAX_WORD_BYTES),
        title: cut(&meta.title, MAX_WORD_BYTES),
        title_sv: meta.title_sv.as_deref().map(|title| cut(title, MAX_WORD_BYTES)),
        author: meta.author.as_deref().map_or_else(String::new, |author| cut(author, MAX_WORD_BYTES)),
        level: match finding.level {
            sigma::Level::Informational => Level::Informational,
            sigma::Level::Low => Level::Low,
            sigma::Level::Medium => Level::Medium,
            sigma::Level::High => Level::High,
            sigma::Level::Critical => Level::Critical,
        },
        tags: meta.tags.iter().take(MAX_TAGS).map(|tag| cut(tag, MAX_WORD_BYTES)).collect(),
        rule_set,
    }
}

fn log_word(finding: &Finding) -> String {
    match serde_json::to_value(finding.log_type) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

impl Running {
    /// The machine that an event began, if it did: the event wrote one, and Azure took it. Its price runs from then
    /// on. A scale set that does not say how many machines it has counts as one; one without machines costs nothing.
    #[must_use]
    pub fn of(concepts: &Concepts) -> Option<Self> {
        let size = concepts.vm_size.as_deref()?;
        let resource = concepts.resource_id.as_deref()?;
        let operation = concepts.operation.as_deref()?.to_ascii_lowercase();
        let status = concepts.status.as_deref()?.to_ascii_lowercase();
        let writes = operation.ends_with("/write") || operation.ends_with("/create");
        // Azure says Accept, Accepted, Success, Succeeded, depending on the path the log takes.
        let taken = ["accept", "succe"].iter().any(|word| status.starts_with(word));
        let instances = if operation == SCALE_SET_WRITE { concepts.instances.unwrap_or(1) } else { 1 };
        (writes && taken && instances > 0).then(|| Self {
            resource: cut(&resource.to_ascii_lowercase(), MAX_EVIDENCE_VALUE_BYTES),
            instances,
            size: cut(size, MAX_WORD_BYTES),
            region: cut(concepts.location.as_deref().unwrap_or_default(), MAX_WORD_BYTES),
        })
    }
}

/// Rule and event. News of a storm that was told before is another finding than its beginning.
fn key_of(finding: &Finding, event: &[u8]) -> String {
    let id = match finding.event_id.as_deref() {
        Some(id) if !id.is_empty() && id.len() <= MAX_KEY_BYTES => id.to_owned(),
        Some(id) if !id.is_empty() => Hash::of(id.as_bytes()).to_string(),
        _ => Hash::of(event).to_string(),
    };
    let rule = &finding.rule.id;
    let rule = if rule.len() <= MAX_KEY_BYTES { rule.clone() } else { Hash::of(rule.as_bytes()).to_string() };
    match &finding.kind {
        FindingKind::Correlation { storm, .. } | FindingKind::Burst { storm, .. } if *storm > 1 => {
            format!("finding:{rule}:{id}:storm:{storm}")
        }
        FindingKind::Burst { at_least, .. } => format!("finding:{rule}:{id}:{at_least}"),
        FindingKind::Single
        | FindingKind::Correlation { .. }
        | FindingKind::FirstSeen { .. }
        | FindingKind::Rate { .. } => format!("finding:{rule}:{id}"),
    }
}

/// How many events a finding stands for. News of a storm stands for what came since the last news, a tenth ago.
fn count_of(kind: &FindingKind) -> u32 {
    const NEWS_EVERY: u64 = 10;
    let count = match kind {
        FindingKind::Single | FindingKind::FirstSeen { .. } => 1,
        FindingKind::Rate { count, .. } => *count,
        FindingKind::Correlation { count, storm, .. } | FindingKind::Burst { count, storm, .. } => {
            if *storm > 1 {
                count.saturating_sub(count.div_ceil(NEWS_EVERY))
            } else {
                *count
            }
        }
    };
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

fn evidence_of(finding: &Finding, event: &[u8]) -> Evidence {
    let value = |text: &str| cut(text, MAX_EVIDENCE_VALUE_BYTES);
    let fields = finding.fields.iter().take(MAX_EVIDENCE_LINES);
    let matched = finding.reasons.iter().take(MAX_EVIDENCE_LINES).map(|reason| {
        let op = if reason.op.is_empty() { String::new() } else { format!("|{}", reason.op) };
        let line = format!("{}: {}{op}: {} = {}", reason.selection, reason.field, reason.pattern, reason.value);
        value(&line)
    });
    Evidence {
        fields: fields.map(|(name, text)| (value(name), value(text))).collect(),
        matched: matched.collect(),
        event: cut(&String::from_utf8_lossy(event), MAX_EVIDENCE_EVENT_BYTES),
    }
}

/// The beginning of a text, cut between two characters, with a space for each control character: evidence has to fit
/// what can be sealed however it is written.
pub(crate) fn cut(text: &str, max_bytes: usize) -> String {
    let mut end = max_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default().replace(char::is_control, " ")
}
