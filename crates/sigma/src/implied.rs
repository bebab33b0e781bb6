//! What can be proven about rules from their parsed form: that one holds whenever another does, that one never holds.
//! "No" means not proven. Every proof is for one event and all of its values, lists of values included.

use crate::condition::Condition;
use crate::load::RuleSet;
use crate::rule::{Part, Rule};
use crate::test::{Item, Test};

/// A rule's condition down to single tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Formula {
    Item(usize),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    Not(Box<Formula>),
    AtLeast(usize, Vec<Formula>),
}

impl Formula {
    pub(crate) fn of(rule: &Rule) -> Self {
        Self::condition(rule, &rule.condition)
    }

    fn condition(rule: &Rule, condition: &Condition) -> Self {
        let selection = |at: &usize| rule.selections.get(*at).map_or(Self::Or(Vec::new()), |s| Self::part(&s.part));
        let each = |list: &[Condition]| list.iter().map(|c| Self::condition(rule, c)).collect();
        match condition {
            Condition::Selection(at) => selection(at),
            Condition::And(list) => Self::And(each(list)),
            Condition::Or(list) => Self::Or(each(list)),
            Condition::Not(inner) => Self::Not(Box::new(Self::condition(rule, inner))),
            Condition::AtLeast(count, members) => Self::AtLeast(*count, members.iter().map(selection).collect()),
        }
    }

    fn part(part: &Part) -> Self {
        match part {
            Part::Item(at) => Self::Item(*at),
            Part::And(parts) => Self::And(parts.iter().map(Self::part).collect()),
            Part::Or(parts) => Self::Or(parts.iter().map(Self::part).collect()),
        }
    }
}

/// Whether `wide` holds for every event for which `narrow` does.
pub(crate) fn implies(set: &RuleSet, narrow: &Formula, wide: &Formula) -> bool {
    if narrow == wide {
        return true;
    }
    match (narrow, wide) {
        (_, Formula::And(list)) => list.iter().all(|each| implies(set, narrow, each)),
        (Formula::Or(list), _) => list.iter().all(|each| implies(set, each, wide)),
        (Formula::AtLeast(1.., list), _) if list.iter().all(|each| implies(set, each, wide)) => true,
        (Formula::And(list), _) if list.iter().any(|each| implies(set, each, wide)) => true,
        (_, Formula::Or(list)) => list.iter().any(|each| implies(set, narrow, each)),
        (Formula::Not(narrow), Formula::Not(wide)) => implies(set, wide, narrow),
        (Formula::Item(narrow), Formula::Item(wide)) => {
            let (narrow, wide) = (set.items.list.get(*narrow), set.items.list.get(*wide));
            narrow.zip(wide).is_some_and(|(narrow, wide)| item_implies(narrow, wide))
        }
        _ => false,
    }
}

/// The same for two tests of one field. What a value of the event passes, it passes in both.
fn item_implies(narrow: &Item, wide: &Item) -> bool {
    let plain = |item: &Item| !item.neq && item.exists.is_none();
    if narrow.field != wide.field || !plain(narrow) || !plain(wide) {
        return false;
    }
    let same_kind = narrow.modifiers == wide.modifiers;
    let has = |item: &Item, value: &String, test: &Test| {
        let mut both = item.values.iter().zip(&item.tests);
        same_kind && both.any(|(other, asked)| other == value && kind(asked) == kind(test))
    };
    let within = |(value, test): (&String, &Test)| has(wide, value, test) || wide.tests.iter().any(|t| passes(test, t));
    match (narrow.all, wide.all) {
        (false, false) => narrow.values.iter().zip(&narrow.tests).all(within),
        (true, true) => wide.values.iter().zip(&wide.tests).all(|(value, test)| has(narrow, value, test)),
        _ => false,
    }
}

fn kind(test: &Test) -> std::mem::Discriminant<Test> {
    std::mem::discriminant(test)
}

/// Whether what equals the text of one test passes the other one. A text that is a number is left out: it also equals
/// numbers that are written in another way.
fn passes(narrow: &Test, wide: &Test) -> bool {
    let (Test::Text(narrow, None), Test::Text(wide, _)) = (narrow, wide) else { return false };
    !wide.cased && !wide.windash && narrow.exact().is_some_and(|text| wide.matches(text, text))
}

/// Whether the formula holds for no event at all.
pub(crate) fn never(set: &RuleSet, formula: &Formula) -> bool {
    match formula {
        Formula::Item(_) | Formula::Not(_) => false,
        Formula::Or(list) => list.iter().all(|each| never(set, each)),
        Formula::AtLeast(count, list) => list.iter().filter(|each| !never(set, each)).count() < *count,
        Formula::And(_) => {
            let mut joined = Vec::new();
            join(formula, &mut joined);
            joined.iter().any(|each| never(set, each)) || contradictory(set, &joined)
        }
    }
}

fn join<'f>(formula: &'f Formula, out: &mut Vec<&'f Formula>) {
    match formula {
        Formula::And(list) => list.iter().for_each(|each| join(each, out)),
        other => out.push(other),
    }
}

/// Something is asked for and excluded at once.
fn contradictory(set: &RuleSet, joined: &[&Formula]) -> bool {
    let all = Formula::And(joined.iter().map(|each| (*each).clone()).collect());
    let excluded = joined.iter().any(|each| matches!(each, Formula::Not(inner) if implies(set, &all, inner)));
    let items =
        || joined.iter().filter_map(|each| if let Formula::Item(at) = each { set.items.list.get(*at) } else { None });
    let absent = |item: &Item| items().any(|other| other.field == item.field && other.exists == Some(false));
    excluded || items().any(|item| item.field.is_some() && present(item) && absent(item))
}

/// The item holds only where the field is there.
fn present(item: &Item) -> bool {
    item.exists == Some(true)
        || (item.exists.is_none()
            && !item.tests.is_empty()
            && !item.tests.iter().any(|test| matches!(test, Test::Null)))
}
