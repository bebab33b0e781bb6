//! Reading one YAML document into a rule: metadata, log source, selections, condition.
//! Correlations and filters have the same head and are read by their own files.

use std::sync::Arc;

use crate::condition::{self, Condition};
use crate::modifier::Compiler;
use crate::refusal::{Code, Fault};
use crate::rule::{Items, Level, Part, Rule, RuleMeta, Selection};
use crate::special;
use crate::yaml::{Kind, Node};

/// The most selections one rule may have.
pub const MAX_SELECTIONS: usize = 1_000;

/// Reads what every document says about itself.
pub(crate) fn meta(document: &Node, file: &str, licence: Option<&str>) -> Result<RuleMeta, Fault> {
    let text =
        |key: &str| document.get(key).and_then(Node::text).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let title = text("title").ok_or_else(|| Fault::new(Code::NoTitle).at(document.at))?;
    let texts = |key: &str| document.get(key).map(Node::texts).unwrap_or_default();
    let level = match document.get("level") {
        None => Level::default(),
        Some(node) => node
            .text()
            .and_then(Level::parse)
            .ok_or_else(|| Fault::new(Code::LevelUnknown).with("word", node.text().unwrap_or_default()).at(node.at))?,
    };
    let source = document.get("logsource");
    let source_text = |key: &str| {
        source.and_then(|s| s.get(key)).and_then(Node::text).filter(|t| !t.is_empty()).map(str::to_lowercase)
    };
    let name = text("name");
    Ok(RuleMeta {
        id: text("id").or_else(|| name.clone()).unwrap_or_else(|| title.clone()),
        name,
        title,
        title_sv: text("title_sv"),
        description: text("description"),
        author: text("author"),
        level,
        tags: texts("tags"),
        rule_set_licence: text("license").or_else(|| licence.map(str::to_owned)),
        references: texts("references"),
        status: text("status"),
        falsepositives: texts("falsepositives"),
        fields: texts("fields"),
        response: text("response"),
        response_sv: text("response_sv"),
        product: source_text("product"),
        service: source_text("service"),
        category: source_text("category"),
        file: file.to_owned(),
    })
}

/// Reads a single-event rule.
pub(crate) fn rule(
    document: &Node,
    meta: RuleMeta,
    items: &mut Items,
    compiler: &mut Compiler<'_>,
) -> Result<Rule, Fault> {
    if meta.product.is_none() && meta.service.is_none() && meta.category.is_none() {
        return Err(Fault::new(Code::NoLogSource).at(document.at));
    }
    let detection = document.get("detection").ok_or_else(|| Fault::new(Code::NoDetection).at(document.at))?;
    let (selections, condition) = detection_of(detection, items, compiler, true)?;
    let special = special::read(document, compiler)?;
    let shown = meta.fields.iter().map(|name| compiler.field(name)).collect();
    Ok(Rule { meta: Arc::new(meta), selections, condition, special, emits: true, shown })
}

/// Reads selections and condition; also those of a filter.
pub(crate) fn detection_of(
    detection: &Node,
    items: &mut Items,
    compiler: &mut Compiler<'_>,
    is_rule: bool,
) -> Result<(Vec<Selection>, Condition), Fault> {
    let entries = detection.entries().ok_or_else(|| Fault::new(Code::DetectionNoMapping).at(detection.at))?;
    let mut selections = Vec::new();
    for (key, value) in entries {
        let name = key.text().unwrap_or_default();
        if name == "condition" || (!is_rule && name == "rules") {
            continue;
        }
        if name == "timeframe" {
            return Err(Fault::new(Code::OldTimeframe).at(key.at));
        }
        let part = selection(value, items, compiler)?;
        selections.push(Selection { name: name.to_owned(), part });
    }
    if selections.is_empty() || selections.len() > MAX_SELECTIONS {
        return Err(Fault::new(Code::SelectionCount).with("most", MAX_SELECTIONS).at(detection.at));
    }
    let node = detection.get("condition").ok_or_else(|| Fault::new(Code::NoCondition).at(detection.at))?;
    let names: Vec<String> = selections.iter().map(|s| s.name.clone()).collect();
    let mut parsed = Vec::new();
    for item in node.items() {
        let text = item.text().ok_or_else(|| Fault::new(Code::ConditionNoText).at(item.at))?;
        let condition = condition::parse(text, &names, compiler.warnings).map_err(|(column, fault)| {
            let mut at = item.at;
            // A quoted or block text does not begin at its first character; its line is right all the same.
            if matches!(&item.kind, Kind::Scalar { plain: true, .. }) {
                at.column += column;
            }
            fault.at(at)
        })?;
        parsed.push(condition);
    }
    match parsed.len() {
        0 => Err(Fault::new(Code::ConditionEmpty).at(node.at)),
        1 => Ok((selections, parsed.remove(0))),
        _ => Ok((selections, Condition::Or(parsed))),
    }
}

/// A selection: a mapping is AND, a list is OR, plain values are keywords.
fn selection(node: &Node, items: &mut Items, compiler: &mut Compiler<'_>) -> Result<Part, Fault> {
    match &node.kind {
        Kind::Map(entries) => {
            if entries.is_empty() {
                return Err(Fault::new(Code::SelectionEmpty).at(node.at));
            }
            let parts =
                entries.iter().map(|(key, value)| line(key, value, items, compiler)).collect::<Result<Vec<_>, _>>()?;
            Ok(one_or(parts, Part::And))
        }
        Kind::List(list) => {
            if list.is_empty() {
                return Err(Fault::new(Code::SelectionEmpty).at(node.at));
            }
            let parts = list.iter().map(|item| selection(item, items, compiler)).collect::<Result<Vec<_>, _>>()?;
            Ok(one_or(parts, Part::Or))
        }
        Kind::Scalar { .. } => {
            let key = Node { at: node.at, kind: Kind::Scalar { text: String::new(), plain: false } };
            line(&key, node, items, compiler)
        }
    }
}

fn one_or(mut parts: Vec<Part>, many: fn(Vec<Part>) -> Part) -> Part {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

fn line(key: &Node, value: &Node, items: &mut Items, compiler: &mut Compiler<'_>) -> Result<Part, Fault> {
    let item = compiler.item(key, value)?;
    Ok(Part::Item(items.intern(item)))
}

/// A filter: rules it names (none means all of its log source), and what it takes out.
pub(crate) struct Filter {
    pub meta: RuleMeta,
    pub rules: Vec<(String, crate::yaml::Position)>,
    pub selections: Vec<Selection>,
    pub condition: Condition,
}

/// Reads a filter document.
pub(crate) fn filter(
    document: &Node,
    meta: RuleMeta,
    items: &mut Items,
    compiler: &mut Compiler<'_>,
) -> Result<Filter, Fault> {
    let body = document.get("filter").ok_or_else(|| Fault::new(Code::NoFilter).at(document.at))?;
    let rules = match body.get("rules") {
        None => Vec::new(),
        Some(node) if node.text() == Some("any") => Vec::new(),
        Some(node) => node.items().iter().filter_map(|item| Some((item.text()?.to_owned(), item.at))).collect(),
    };
    let (selections, condition) = detection_of(body, items, compiler, false)?;
    Ok(Filter { meta, rules, selections, condition })
}

/// Takes what a filter matches out of a rule.
pub(crate) fn apply(filter: &Filter, rule: &mut Rule) {
    let shift = rule.selections.len();
    rule.selections.extend(
        filter
            .selections
            .iter()
            .map(|s| Selection { name: format!("filter `{}`: {}", filter.meta.title, s.name), part: s.part.clone() }),
    );
    let own = std::mem::replace(&mut rule.condition, Condition::Or(Vec::new()));
    rule.condition = Condition::And(vec![own, Condition::Not(Box::new(shifted(&filter.condition, shift)))]);
}

fn shifted(condition: &Condition, by: usize) -> Condition {
    let all = |list: &[Condition]| list.iter().map(|c| shifted(c, by)).collect();
    match condition {
        Condition::Selection(at) => Condition::Selection(at + by),
        Condition::And(list) => Condition::And(all(list)),
        Condition::Or(list) => Condition::Or(all(list)),
        Condition::Not(inner) => Condition::Not(Box::new(shifted(inner, by))),
        Condition::AtLeast(count, members) => Condition::AtLeast(*count, members.iter().map(|m| m + by).collect()),
    }
}
