//! Correlation documents: their settings and how they are read from YAML.
//! Their windows are in `state/`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::modifier::Compiler;
use crate::refusal::{Code, Fault, Said};
use crate::rule::RuleMeta;
use crate::special::{group, span};
use crate::test::{FieldId, Order};
use crate::yaml::{Node, Position};

/// The most rules one correlation joins.
pub const MAX_CORRELATED_RULES: usize = 256;

/// The kinds of the specification, and `value_median`, which is percentile 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationType {
    /// Number of events.
    EventCount,
    /// Number of distinct values.
    ValueCount,
    /// Every rule fired, in any order.
    Temporal,
    /// Every rule fired, in the order of the list.
    TemporalOrdered,
    /// Sum of a field.
    ValueSum,
    /// Average of a field.
    ValueAvg,
    /// The value at a percentile of a field.
    ValuePercentile,
}

/// A member of a correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Member {
    Rule(usize),
    Correlation(usize),
}

/// A loaded correlation.
#[derive(Debug, Clone)]
pub(crate) struct Correlation {
    pub meta: Arc<RuleMeta>,
    pub kind: CorrelationType,
    /// Names as written, until all documents are read.
    pub wanted: Vec<(String, Position)>,
    pub members: Vec<Member>,
    pub group_by: Vec<GroupField>,
    pub span_us: i64,
    pub bounds: Vec<(Order, f64)>,
    /// The field that is counted, summed or averaged; several make a combination.
    pub fields: Vec<FieldId>,
    pub percentile: f64,
    pub generate: bool,
    /// False when it only feeds other correlations.
    pub emits: bool,
    pub at: Position,
}

/// One part of a group: a field, or an alias for a different field in each rule.
#[derive(Debug, Clone)]
pub(crate) struct GroupField {
    pub name: String,
    pub field: FieldId,
    /// Rule id or name, and its field.
    pub aliases: Vec<(String, FieldId)>,
}

/// Reads a correlation document.
pub(crate) fn read(document: &Node, meta: RuleMeta, compiler: &mut Compiler<'_>) -> Result<Correlation, Fault> {
    let body = document
        .get("correlation")
        .filter(|n| n.entries().is_some())
        .ok_or_else(|| Fault::new(Code::CorrelationNoMapping).at(document.at))?;
    check_keys(body)?;
    let kind_node = body.get("type").ok_or_else(|| Fault::new(Code::CorrelationNoType).at(body.at))?;
    let (kind, percentile) = kind(kind_node)?;
    let rules = body.get("rules").ok_or_else(|| Fault::new(Code::CorrelationNoRules).at(body.at))?;
    let wanted: Vec<(String, Position)> =
        rules.items().iter().filter_map(|item| Some((item.text()?.to_owned(), item.at))).collect();
    if wanted.is_empty() || wanted.len() > MAX_CORRELATED_RULES {
        return Err(Fault::new(Code::MemberCount).with("most", MAX_CORRELATED_RULES).at(rules.at));
    }
    let condition = body.get("condition").or_else(|| document.get("condition"));
    let bounds = condition.map(bounds).transpose()?.unwrap_or_default();
    let fields = group(condition.and_then(|c| c.get("field")), compiler)?;
    let percentile = stated_percentile(condition, compiler, kind, percentile)?;
    let mut correlation = Correlation {
        meta: Arc::new(meta),
        kind,
        group_by: group_by(body, compiler)?,
        span_us: span(body, "timespan", None)?,
        bounds,
        fields,
        percentile,
        generate: flag(body, "generate") || flag(document, "generate"),
        emits: true,
        members: Vec::new(),
        wanted,
        at: document.at,
    };
    complete(&mut correlation, body.at)?;
    Ok(correlation)
}

fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::scalar) == Some(crate::yaml::Scalar::Bool(true))
}

fn check_keys(body: &Node) -> Result<(), Fault> {
    let known = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];
    let unknown = body
        .entries()
        .and_then(|entries| entries.iter().find(|(key, _)| !key.text().is_some_and(|k| known.contains(&k))));
    match unknown {
        Some((key, _)) => Err(Fault::new(Code::CorrelationPartUnknown)
            .with("word", key.text().unwrap_or_default())
            .with("known", known.join(", "))
            .at(key.at)),
        None => Ok(()),
    }
}

fn kind(node: &Node) -> Result<(CorrelationType, f64), Fault> {
    Ok(match node.text().unwrap_or_default() {
        "event_count" => (CorrelationType::EventCount, 0.0),
        "value_count" => (CorrelationType::ValueCount, 0.0),
        "temporal" => (CorrelationType::Temporal, 0.0),
        "temporal_ordered" => (CorrelationType::TemporalOrdered, 0.0),
        "value_sum" => (CorrelationType::ValueSum, 0.0),
        "value_avg" => (CorrelationType::ValueAvg, 0.0),
        "value_percentile" | "value_median" => (CorrelationType::ValuePercentile, 50.0),
        other => {
            let known = "event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile";
            return Err(Fault::new(Code::CorrelationTypeUnknown).with("word", other).with("known", known).at(node.at));
        }
    })
}

fn bounds(node: &Node) -> Result<Vec<(Order, f64)>, Fault> {
    let entries = node.entries().ok_or_else(|| Fault::new(Code::BoundsNoMapping).at(node.at))?;
    let mut out = Vec::new();
    for (key, value) in entries {
        let order = match key.text().unwrap_or_default() {
            "gt" => Order::Gt,
            "gte" => Order::Gte,
            "lt" => Order::Lt,
            "lte" => Order::Lte,
            "eq" => Order::Eq,
            "neq" => Order::Neq,
            "field" | "percentile" => continue,
            other => {
                return Err(Fault::new(Code::ComparisonUnknown).with("word", other).at(key.at));
            }
        };
        let number = value
            .text()
            .and_then(crate::number::Number::parse)
            .ok_or_else(|| Fault::new(Code::BoundNoNumber).at(value.at))?;
        out.push((order, number.to_f64()));
    }
    Ok(out)
}

fn stated_percentile(
    condition: Option<&Node>,
    compiler: &mut Compiler<'_>,
    kind: CorrelationType,
    default: f64,
) -> Result<f64, Fault> {
    if kind != CorrelationType::ValuePercentile {
        return Ok(default);
    }
    match condition.and_then(|c| c.get("percentile")) {
        None => {
            compiler.warnings.push(Said::new(Code::PercentileTaken));
            Ok(default)
        }
        Some(node) => {
            let value = node.text().and_then(crate::number::Number::parse).map(|n| n.to_f64());
            value.filter(|p| (0.0..=100.0).contains(p)).ok_or_else(|| Fault::new(Code::PercentileRange).at(node.at))
        }
    }
}

fn group_by(body: &Node, compiler: &mut Compiler<'_>) -> Result<Vec<GroupField>, Fault> {
    let mut aliases: BTreeMap<&str, Vec<(String, FieldId)>> = BTreeMap::new();
    if let Some(node) = body.get("aliases") {
        for (alias, fields) in node.entries().ok_or_else(|| Fault::new(Code::AliasesNoMapping).at(node.at))? {
            let entries = fields.entries().ok_or_else(|| Fault::new(Code::AliasNoMapping).at(fields.at))?;
            let list = entries
                .iter()
                .filter_map(|(rule, field)| Some((rule.text()?.to_owned(), compiler.field(field.text()?))))
                .collect();
            aliases.insert(alias.text().unwrap_or_default(), list);
        }
    }
    let names = body.get("group-by").map(Node::texts).unwrap_or_default();
    if names.len() > crate::special::MAX_GROUP_FIELDS {
        return Err(Fault::new(Code::GroupTooWide).at(body.at));
    }
    Ok(names
        .into_iter()
        .map(|name| GroupField {
            field: compiler.field(&name),
            aliases: aliases.get(name.as_str()).cloned().unwrap_or_default(),
            name,
        })
        .collect())
}

fn complete(correlation: &mut Correlation, at: Position) -> Result<(), Fault> {
    use CorrelationType as T;
    let temporal = matches!(correlation.kind, T::Temporal | T::TemporalOrdered);
    if correlation.bounds.is_empty() {
        if !temporal {
            return Err(Fault::new(Code::CorrelationNoCondition).at(at));
        }
        let all = u32::try_from(correlation.wanted.len()).map_or(f64::MAX, f64::from);
        correlation.bounds.push((Order::Gte, all));
    }
    let needs_field = !temporal && correlation.kind != T::EventCount;
    if needs_field && correlation.fields.is_empty() {
        return Err(Fault::new(Code::CorrelationNoField).at(at));
    }
    if !matches!(correlation.kind, T::ValueCount) && correlation.fields.len() > 1 {
        return Err(Fault::new(Code::FieldsCombined).at(at));
    }
    let limit = f64::from(u32::try_from(crate::state::MAX_WINDOW_ENTRIES).unwrap_or(u32::MAX));
    let counts = matches!(correlation.kind, T::EventCount | T::ValueCount);
    if counts && correlation.bounds.iter().any(|(_, bound)| *bound > limit) {
        return Err(Fault::new(Code::BoundNeverReached).with("most", limit).at(at));
    }
    Ok(())
}
