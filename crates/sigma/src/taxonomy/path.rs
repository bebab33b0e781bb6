//! Reading one place in an event: dotted paths, arrays, named entries, JSON inside strings.
//! No allocation on the way, except where a string must be opened as JSON.

use crate::event;
use crate::json::{Kind, Node, Tape};
use crate::keys::{KeyTable, common};
use crate::view::View;

/// Strings holding JSON inside strings holding JSON are opened this often.
pub const MAX_NESTED_JSON: usize = 3;

/// Derives a value from what a path holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// The value itself.
    None,
    /// `#provider`: the part of an operation before the first slash.
    Provider,
    /// `#subscription`: the subscription in an Azure resource id.
    Subscription,
    /// `#outcome`: `Success` or `Failure` for the words and codes that mean them.
    Outcome,
    /// `#words`: `deviceCode` as `device Code`.
    Words,
}

/// A place in an event, such as `properties.status.errorCode`.
#[derive(Debug, Clone)]
pub struct Path {
    /// As written, without the transform.
    text: Box<str>,
    segments: Box<[Box<str>]>,
    /// The rest of the path from each segment on: a literal key with dots wins over nesting.
    tails: Box<[Box<str>]>,
    transform: Transform,
    /// Number of the first key in the tables of keys.
    first: Option<usize>,
}

impl Path {
    /// Reads a path; a `#name` at its end is a [`Transform`].
    #[must_use]
    pub fn new(text: &str) -> Self {
        let (text, transform) = match text.rsplit_once('#') {
            Some((path, "provider")) => (path, Transform::Provider),
            Some((path, "subscription")) => (path, Transform::Subscription),
            Some((path, "outcome")) => (path, Transform::Outcome),
            Some((path, "words")) => (path, Transform::Words),
            _ => (text, Transform::None),
        };
        let segments: Box<[Box<str>]> = text.split('.').map(Box::from).collect();
        let tails = (0..segments.len()).map(|at| segments.get(at..).unwrap_or_default().join(".").into()).collect();
        let first = segments.first().and_then(|key| common().id(key));
        Self { text: text.into(), segments, tails, transform, first }
    }

    /// Looks the first key up in a table that knows more keys.
    pub(crate) fn bind(&mut self, keys: &mut KeyTable) {
        self.first = self.segments.first().and_then(|key| keys.insert(key));
    }

    /// Number of the first key, where it has one.
    pub(crate) fn first(&self) -> Option<usize> {
        self.first
    }

    /// Whether it is a key on top and nothing is derived from its value.
    #[inline]
    pub(crate) fn is_one_key(&self) -> bool {
        self.segments.len() == 1 && self.transform == Transform::None
    }

    /// The path as written, without its transform.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is derived from the value.
    #[must_use]
    pub fn transform(&self) -> Transform {
        self.transform
    }

    /// The keys an event must have on top for this path to lead anywhere.
    pub(crate) fn top_keys(&self) -> impl Iterator<Item = &str> {
        let whole = (self.segments.len() > 1).then_some(&*self.text);
        self.segments.first().map(|s| &**s).into_iter().chain(whole)
    }
}

/// A value found in an event.
#[derive(Debug)]
pub(crate) enum Leaf<'e> {
    Null,
    Bool(bool),
    /// The number's text as it stands in the event.
    Number(&'e str),
    Text(&'e str),
    /// An object or an array of objects, seen as a whole.
    Json(Node<'e>),
}

/// What a walk may do, and what it found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Strings that hold JSON are opened.
    pub nested_json: bool,
    /// `{value, localizedValue}` is read as its value.
    pub localized: bool,
    /// The place exists, whatever it holds.
    pub found: bool,
    pub depth: usize,
}

/// Visits every value that `path` leads to; the visitor returns true to stop.
/// Returns whether it was stopped. `walk.found` tells whether the place exists.
pub(crate) fn walk(view: &View<'_>, path: &Path, walk: &mut Walk, visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> bool {
    if path.transform == Transform::None {
        return begin(view, path, walk, visit);
    }
    let transform = path.transform;
    begin(view, path, walk, &mut |leaf| derive(leaf, transform, visit))
}

/// The first step: the whole path as one key, or its first segment.
fn begin(view: &View<'_>, path: &Path, walk: &mut Walk, visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> bool {
    if path.segments.len() > 1
        && let Some(found) = view.whole(&path.text)
    {
        walk.found = true;
        return emit(found, walk, visit);
    }
    let Some(first) = path.segments.first() else { return false };
    view.top(path.first, first).is_some_and(|inner| step(inner, path, 1, walk, visit))
}

fn derive(leaf: &Leaf<'_>, transform: Transform, visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> bool {
    let text = match leaf {
        Leaf::Text(text) | Leaf::Number(text) => *text,
        Leaf::Bool(true) => "true",
        Leaf::Bool(false) => "false",
        Leaf::Null | Leaf::Json(_) => return false,
    };
    match transform {
        Transform::None => visit(leaf),
        Transform::Provider => text.split_once('/').is_some_and(|(provider, _)| visit(&Leaf::Text(provider))),
        Transform::Subscription => subscription_of(text).is_some_and(|id| visit(&Leaf::Text(id))),
        Transform::Outcome => outcome(text).is_some_and(|word| visit(&Leaf::Text(word))),
        Transform::Words => visit(&Leaf::Text(&words(text))),
    }
}

fn subscription_of(resource_id: &str) -> Option<&str> {
    let mut parts = resource_id.split('/');
    parts.find(|part| part.eq_ignore_ascii_case("subscriptions"))?;
    parts.next().filter(|id| !id.is_empty())
}

/// The words Microsoft's logs use for success and failure.
fn outcome(word: &str) -> Option<&'static str> {
    let is = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    if is(&["success", "succeeded", "true", "0", "partiallysucceeded"]) {
        Some("Success")
    } else if is(&["failure", "failed", "fail", "false", "error"])
        || (word.len() >= 4 && word.bytes().all(|b| b.is_ascii_digit()))
    {
        Some("Failure")
    } else {
        None
    }
}

fn words(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

fn step(value: Node<'_>, path: &Path, at: usize, walk: &mut Walk, visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> bool {
    let Some(segment) = path.segments.get(at) else {
        walk.found = true;
        return emit(value, walk, visit);
    };
    match value.kind() {
        Kind::Object => {
            if at + 1 < path.segments.len()
                && let Some(tail) = path.tails.get(at)
                && let Some(found) = lookup(value, tail)
            {
                walk.found = true;
                return emit(found, walk, visit);
            }
            lookup(value, segment).is_some_and(|inner| step(inner, path, at + 1, walk, visit))
        }
        Kind::List => value.items().any(|item| item.is_object() && step_item(item, path, at, walk, visit)),
        Kind::Text if walk.nested_json && walk.depth < MAX_NESTED_JSON => {
            let mut tape = Tape::default();
            let Some(inner) = value.text().and_then(|text| event::open_json(text, &mut tape)) else { return false };
            walk.depth += 1;
            let stopped = step(inner.root(), path, at, walk, visit);
            walk.depth -= 1;
            stopped
        }
        _ => false,
    }
}

/// An object inside an array: either the path goes on inside it, or it is an entry such as
/// `{"Name": "ForwardTo", "Value": "..."}` and the rest of the path is its name.
fn step_item(
    item: Node<'_>,
    path: &Path,
    at: usize,
    walk: &mut Walk,
    visit: &mut dyn FnMut(&Leaf<'_>) -> bool,
) -> bool {
    if step(item, path, at, walk, visit) {
        return true;
    }
    if !walk.nested_json {
        return false;
    }
    let Some(wanted) = path.tails.get(at) else { return false };
    let named = ["Name", "displayName", "key"].iter().find_map(|key| lookup(item, key)).and_then(Node::text);
    if !named.is_some_and(|name| name.eq_ignore_ascii_case(wanted)) {
        return false;
    }
    let Some(value) = ["Value", "newValue"].iter().find_map(|key| lookup(item, key)) else { return false };
    walk.found = true;
    if emit(value, walk, visit) {
        return true;
    }
    // Entra writes new values as JSON, so that a text carries its own quotation marks.
    let mut tape = Tape::default();
    let quoted = value.text().and_then(|text| event::open_json_text(text, &mut tape));
    quoted.is_some_and(|inner| emit(inner.root(), walk, visit))
}

/// Visits what a value is for a rule. The visitor returns true to stop.
pub(crate) fn emit(value: Node<'_>, walk: &Walk, visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> bool {
    match value.kind() {
        Kind::Key => false,
        Kind::Null => visit(&Leaf::Null),
        Kind::True => visit(&Leaf::Bool(true)),
        Kind::False => visit(&Leaf::Bool(false)),
        Kind::Number => value.number().is_some_and(|number| visit(&Leaf::Number(number))),
        Kind::Text => value.text().is_some_and(|text| visit(&Leaf::Text(text))),
        Kind::List => {
            let mut whole = true;
            let mut nested = false;
            for item in value.items() {
                whole = false;
                match item.kind() {
                    Kind::List | Kind::Object => nested = true,
                    _ => {
                        if emit(item, walk, visit) {
                            return true;
                        }
                    }
                }
            }
            (whole || nested) && visit(&Leaf::Json(value))
        }
        Kind::Object => {
            if walk.localized
                && let Some(inner) = lookup(value, "value")
            {
                let other = lookup(value, "localizedValue");
                return emit(inner, walk, visit) || other.is_some_and(|other| emit(other, walk, visit));
            }
            visit(&Leaf::Json(value))
        }
    }
}

/// Writes a value as compact JSON text, as an object is seen by string tests.
pub(crate) fn compact(value: Node<'_>, out: &mut String) {
    if let Some(text) = value.compact() {
        return out.push_str(text);
    }
    match value.kind() {
        Kind::Null => out.push_str("null"),
        Kind::True => out.push_str("true"),
        Kind::False => out.push_str("false"),
        Kind::Number => out.push_str(value.number().unwrap_or_default()),
        Kind::Text | Kind::Key => quoted(value.text().unwrap_or_default(), out),
        Kind::List => {
            out.push('[');
            for (at, item) in value.items().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                compact(item, out);
            }
            out.push(']');
        }
        Kind::Object => {
            out.push('{');
            for (at, (key, item)) in value.fields().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quoted(key, out);
                out.push(':');
                compact(item, out);
            }
            out.push('}');
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    // Without an early end, so that the whole text is looked at in wide steps.
    let special = |b: u8| u8::from(b < 0x20) | u8::from(b == b'"') | u8::from(b == b'\\');
    if text.bytes().fold(0, |found, b| found | special(b)) != 0 {
        let whole = serde_json::to_string(text).unwrap_or_default();
        out.push_str(whole.get(1..whole.len().saturating_sub(1)).unwrap_or_default());
    } else {
        out.push_str(text);
    }
    out.push('"');
}

/// Looks a key up: exactly first, then without regard to ASCII letter case.
pub(crate) fn lookup<'e>(object: Node<'e>, key: &str) -> Option<Node<'e>> {
    let mut folded = None;
    for (name, value) in object.fields() {
        if name.len() == key.len() {
            if name == key {
                return Some(value);
            }
            if folded.is_none() && name.eq_ignore_ascii_case(key) {
                folded = Some(value);
            }
        }
    }
    folded
}

/// Visits every scalar in the event that is no shorter text, keys never. The visitor returns true to stop.
pub(crate) fn leaves(value: Node<'_>, least: usize, visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> bool {
    value.scalars(least).any(|scalar| emit(scalar, &Walk::default(), visit))
}
