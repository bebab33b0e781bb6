//! Random rules over the fields and values that the events of `shapes.rs` have.

use super::dice::Dice;
use super::rule::{Condition, Line, Rule, Selection, Value};
use super::shapes::{Log, NUMBERS, TEXTS};

/// A rule for a log.
pub fn rule(dice: &mut Dice, log: &Log, id: String) -> Rule {
    let names = ["sel_a", "sel_b", "other", "_hidden"];
    let count = 1 + dice.below(names.len());
    let selections: Vec<Selection> = names.iter().take(count).map(|name| selection(dice, log, name)).collect();
    let names: Vec<&str> = names.into_iter().take(count).collect();
    Rule { id, product: log.product, service: log.service, condition: condition(dice, &names, 3), selections }
}

fn condition(dice: &mut Dice, names: &[&str], depth: usize) -> Condition {
    let several = |dice: &mut Dice| (0..2 + dice.below(2)).map(|_| condition(dice, names, depth - 1)).collect();
    match dice.below(if depth == 0 { 2 } else { 7 }) {
        2 => Condition::And(several(dice)),
        3 => Condition::Or(several(dice)),
        4 => Condition::Not(Box::new(condition(dice, names, depth - 1))),
        5 => Condition::Of([Some(1), None][dice.below(2)], "sel_".into()),
        _ => Condition::Name((dice.pick(names)).to_owned()),
    }
}

fn selection(dice: &mut Dice, log: &Log, name: &str) -> Selection {
    let words = |dice: &mut Dice, modifiers: Vec<&'static str>, count: usize| Line {
        field: None,
        values: (0..count).map(|_| word(dice, &modifiers)).collect(),
        modifiers,
    };
    let alternatives = match dice.below(10) {
        0 => vec![vec![words(dice, Vec::new(), 2)]],
        1 => vec![vec![words(dice, vec!["all"], 2)]],
        2 | 3 => (0..2).map(|_| lines(dice, log)).collect(),
        _ => vec![lines(dice, log)],
    };
    Selection { name: name.to_owned(), alternatives }
}

fn lines(dice: &mut Dice, log: &Log) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for _ in 0..=dice.below(3) {
        let line = line(dice, log);
        // The same key twice in a mapping is no YAML.
        if !out.iter().any(|l| l.field == line.field && l.modifiers == line.modifiers) {
            out.push(line);
        }
    }
    out
}

const CHAINS: &[&[&str]] = &[
    &[],
    &[],
    &[],
    &[],
    &["contains"],
    &["contains"],
    &["startswith"],
    &["endswith"],
    &["cased"],
    &["contains", "cased"],
    &["contains", "all"],
    &["all"],
    &["neq"],
    &["contains", "neq"],
    &["exists"],
    &["windash"],
    &["windash", "contains"],
    &["re"],
    &["re", "i"],
    &["re", "i", "m", "s"],
    &["gt"],
    &["gte"],
    &["lt"],
    &["lte"],
    &["cidr"],
    &["fieldref"],
    &["fieldref", "neq"],
    &["fieldref", "startswith"],
    &["fieldref", "contains", "cased"],
    &["base64", "contains"],
    &["base64offset", "contains"],
    &["wide", "base64offset", "contains"],
    &["hour"],
    &["day", "gte"],
    &["month"],
    &["year", "lt"],
];

fn line(dice: &mut Dice, log: &Log) -> Line {
    let modifiers = dice.pick(CHAINS).to_vec();
    let field = Some((dice.pick(log.fields)).to_owned());
    let count = if modifiers.contains(&"all") {
        2
    } else if modifiers.contains(&"exists") {
        1
    } else {
        1 + dice.below(3)
    };
    let fixed = |texts: &[&str], dice: &mut Dice| Value::Text((dice.pick(texts)).to_owned());
    let one = |dice: &mut Dice| match modifiers.as_slice() {
        ["exists"] => Value::Bool(dice.one_in(2)),
        ["re", ..] => fixed(&["^al", "a.*b", "b$", "line.break", "^break", "[0-9]{2}", "å", "\\\\", "^$"], dice),
        ["gt" | "gte" | "lt" | "lte"] | ["hour" | "day" | "month" | "year", ..] => {
            Value::Number((dice.pick(&["0", "5", "13", "4", "5.5", "50", "2026", "9007199254740993"])).to_owned())
        }
        ["cidr"] => fixed(&["10.0.0.0/8", "10.1.2.0/24", "192.0.2.7/32", "0.0.0.0/0"], dice),
        ["fieldref", ..] => fixed(log.fields, dice),
        ["base64" | "base64offset" | "wide", ..] => fixed(&["alpha", "a", "ab", "å"], dice),
        [] | ["neq"] if dice.one_in(4) => match dice.below(3) {
            0 => Value::Null,
            1 => Value::Bool(dice.one_in(2)),
            _ => Value::Number((dice.pick(NUMBERS)).to_owned()),
        },
        modifiers => word(dice, modifiers),
    };
    let mut values: Vec<Value> = (0..count).map(|_| one(dice)).collect();
    // Whole numbers only: a part of a date is one.
    if ["hour", "day", "month", "year"].iter().any(|part| modifiers.contains(part)) {
        values.retain(|value| !matches!(value, Value::Number(n) if n.contains('.')));
        if values.is_empty() {
            values.push(Value::Number("13".into()));
        }
    }
    Line { field, modifiers, values }
}

/// A text of the common stock, bent: another letter case, a part of it, a wildcard in it.
fn word(dice: &mut Dice, modifiers: &[&str]) -> Value {
    let text = dice.pick(TEXTS);
    let mut chars: Vec<String> = text.chars().map(String::from).collect();
    if dice.one_in(3) && modifiers.iter().any(|m| ["contains", "all", "endswith"].contains(m)) && chars.len() > 2 {
        chars.remove(0);
    }
    if dice.one_in(5) && !chars.is_empty() {
        let at = dice.below(chars.len());
        chars[at] = dice.pick(&["*", "?", "**"]).into();
    }
    let text: String = chars.concat();
    Value::Text(match dice.below(4) {
        0 => text.to_uppercase().replace("SS", "ß"),
        1 => text.to_lowercase(),
        _ => text,
    })
}
