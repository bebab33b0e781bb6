//! What Sigma lacks and this engine adds to a rule: `new_terms`, `rate`, `burst`.
//! Their settings and how they are read from YAML; their state is in `state/`.

use serde::Serialize;

use crate::modifier::Compiler;
use crate::number::Number;
use crate::refusal::{Code, Fault};
use crate::rule::Level;
use crate::test::FieldId;
use crate::yaml::Node;

/// The longest history, window or learning period: 400 days.
pub const MAX_SPAN_SECONDS: i64 = 400 * 86_400;
/// The most fields that make one combination.
pub const MAX_GROUP_FIELDS: usize = 16;
/// The most thresholds of one burst.
pub const MAX_THRESHOLDS: usize = 16;

/// An addition to a single-event rule.
#[derive(Debug, Clone)]
pub(crate) enum Special {
    NewTerms(NewTerms),
    Rate(Rate),
    Burst(Burst),
}

/// A combination of fields not seen in this partition for `history`.
#[derive(Debug, Clone)]
pub(crate) struct NewTerms {
    pub fields: Vec<FieldId>,
    pub history_us: i64,
    /// Counted from the first event of the partition; nothing is reported in it.
    pub learning_us: i64,
}

/// More events in a bucket than the group's own history suggests.
#[derive(Debug, Clone)]
pub(crate) struct Rate {
    pub group_by: Vec<FieldId>,
    pub bucket_us: i64,
    /// Half of the baseline's weight is younger than this.
    pub history_us: i64,
    pub learning_us: i64,
    pub factor: f64,
    pub min: u64,
}

/// Counts and distinct values in a sliding window, with several thresholds.
#[derive(Debug, Clone)]
pub(crate) struct Burst {
    pub group_by: Vec<FieldId>,
    pub span_us: i64,
    /// The field whose distinct values are counted.
    pub distinct: Option<FieldId>,
    pub thresholds: Vec<Threshold>,
}

/// One step of a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Threshold {
    /// What is counted.
    pub measure: Measure,
    /// From how many on.
    pub at_least: u64,
    /// Level of the finding, where it differs from the rule's.
    pub level: Option<Level>,
}

/// What a burst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Events.
    Count,
    /// Distinct values of the burst's field.
    Distinct,
}

/// Reads the addition of a rule, when it has one.
pub(crate) fn read(document: &Node, compiler: &mut Compiler<'_>) -> Result<Option<Special>, Fault> {
    let found: Vec<(&str, &Node)> =
        ["new_terms", "rate", "burst"].into_iter().filter_map(|key| Some((key, document.get(key)?))).collect();
    match found.as_slice() {
        [] => Ok(None),
        [("new_terms", node)] => new_terms(node, compiler).map(Special::NewTerms).map(Some),
        [("rate", node)] => rate(node, compiler).map(Special::Rate).map(Some),
        [(_, node)] => burst(node, compiler).map(Special::Burst).map(Some),
        [_, (key, node), ..] => Err(Fault::new(Code::AdditionSecond).with("key", key).at(node.at)),
    }
}

fn keys(node: &Node, known: &[&str]) -> Result<(), Fault> {
    let entries = node.entries().ok_or_else(|| Fault::new(Code::NoMapping).at(node.at))?;
    match entries.iter().find(|(key, _)| !key.text().is_some_and(|k| known.contains(&k))) {
        Some((key, _)) => Err(Fault::new(Code::SettingUnknown)
            .with("word", key.text().unwrap_or_default())
            .with("known", known.join(", "))
            .at(key.at)),
        None => Ok(()),
    }
}

fn new_terms(node: &Node, compiler: &mut Compiler<'_>) -> Result<NewTerms, Fault> {
    keys(node, &["fields", "history", "learning"])?;
    let fields = group(node.get("fields"), compiler)?;
    if fields.is_empty() {
        return Err(Fault::new(Code::TermsNoFields).at(node.at));
    }
    Ok(NewTerms {
        fields,
        history_us: span(node, "history", None)?,
        learning_us: span(node, "learning", Some(DAY_US))?,
    })
}

fn rate(node: &Node, compiler: &mut Compiler<'_>) -> Result<Rate, Fault> {
    keys(node, &["group-by", "bucket", "history", "learning", "factor", "min"])?;
    let factor = number(node, "factor")?.unwrap_or(Number::Small(3)).to_f64();
    if !(factor > 1.0 && factor < 1e6) {
        return Err(Fault::new(Code::FactorTooSmall).at(node.at));
    }
    Ok(Rate {
        group_by: group(node.get("group-by"), compiler)?,
        bucket_us: span(node, "bucket", Some(DAY_US / 24))?,
        history_us: span(node, "history", Some(14 * DAY_US))?,
        learning_us: span(node, "learning", Some(3 * DAY_US))?,
        factor,
        min: whole(node, "min")?.unwrap_or(10),
    })
}

fn burst(node: &Node, compiler: &mut Compiler<'_>) -> Result<Burst, Fault> {
    keys(node, &["group-by", "timespan", "distinct", "thresholds"])?;
    let distinct = node.get("distinct").and_then(Node::text).map(|name| compiler.field(name));
    let list = node.get("thresholds").ok_or_else(|| Fault::new(Code::BurstNoThresholds).at(node.at))?;
    let thresholds = list.items().iter().map(threshold).collect::<Result<Vec<_>, _>>()?;
    if thresholds.is_empty() || thresholds.len() > MAX_THRESHOLDS {
        return Err(Fault::new(Code::ThresholdCount).with("most", MAX_THRESHOLDS).at(list.at));
    }
    if distinct.is_none() && thresholds.iter().any(|t| t.measure == Measure::Distinct) {
        return Err(Fault::new(Code::DistinctOfNothing).at(list.at));
    }
    Ok(Burst {
        group_by: group(node.get("group-by"), compiler)?,
        span_us: span(node, "timespan", None)?,
        distinct,
        thresholds,
    })
}

fn threshold(node: &Node) -> Result<Threshold, Fault> {
    keys(node, &["count", "distinct", "level"])?;
    let (measure, at_least) = match (whole(node, "count")?, whole(node, "distinct")?) {
        (Some(count), None) => (Measure::Count, count),
        (None, Some(distinct)) => (Measure::Distinct, distinct),
        _ => return Err(Fault::new(Code::ThresholdBoth).at(node.at)),
    };
    let limit = u64::try_from(crate::state::MAX_WINDOW_ENTRIES).unwrap_or(u64::MAX);
    if at_least == 0 || at_least > limit {
        return Err(Fault::new(Code::ThresholdRange).with("most", limit).at(node.at));
    }
    let level = match node.get("level") {
        None => None,
        Some(level) => {
            let word = level.text().unwrap_or_default();
            Some(Level::parse(word).ok_or_else(|| Fault::new(Code::LevelUnknown).with("word", word).at(level.at))?)
        }
    };
    Ok(Threshold { measure, at_least, level })
}

const DAY_US: i64 = 86_400_000_000;

/// Fields that make a group.
pub(crate) fn group(node: Option<&Node>, compiler: &mut Compiler<'_>) -> Result<Vec<FieldId>, Fault> {
    let Some(node) = node else { return Ok(Vec::new()) };
    let names = node.texts();
    if names.len() > MAX_GROUP_FIELDS || names.len() != node.items().len() {
        return Err(Fault::new(Code::FieldsNoList).with("most", MAX_GROUP_FIELDS).at(node.at));
    }
    Ok(names.iter().map(|name| compiler.field(name)).collect())
}

/// A span of time such as `15m`, in microseconds.
pub(crate) fn span(node: &Node, key: &str, default: Option<i64>) -> Result<i64, Fault> {
    let Some(value) = node.get(key) else {
        return default.ok_or_else(|| Fault::new(Code::SettingMissing).with("key", key).at(node.at));
    };
    let text = value.text().unwrap_or_default();
    let wrong = || Fault::new(Code::NoSpan).with("text", text).at(value.at);
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ if text == "0" => 0,
        _ => return Err(wrong()),
    };
    let count: i64 = text.trim_end_matches(['s', 'm', 'h', 'd']).parse().map_err(|_| wrong())?;
    let seconds = count.checked_mul(unit).filter(|s| (0..=MAX_SPAN_SECONDS).contains(s)).ok_or_else(wrong)?;
    if seconds == 0 && key != "learning" {
        return Err(wrong());
    }
    Ok(seconds * 1_000_000)
}

/// A number under a key.
pub(crate) fn number(node: &Node, key: &str) -> Result<Option<Number>, Fault> {
    let Some(value) = node.get(key) else { return Ok(None) };
    value
        .text()
        .and_then(Number::parse)
        .map(Some)
        .ok_or_else(|| Fault::new(Code::SettingNoNumber).with("key", key).at(value.at))
}

fn whole(node: &Node, key: &str) -> Result<Option<u64>, Fault> {
    match number(node, key)? {
        None => Ok(None),
        Some(Number::Small(n)) if n >= 0 => Ok(u64::try_from(n).ok()),
        Some(_) => Err(Fault::new(Code::SettingNoWhole).with("key", key).at(node.at)),
    }
}
