//! A small YAML tree that remembers where every node stands, bounded in size and depth.
//! It knows nothing about rules; `document.rs` and its neighbours read it.

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::refusal::{Code, Fault};

/// The largest rule file.
pub const MAX_SOURCE_BYTES: usize = 1 << 20;
/// The most nodes in one file, aliases written out.
pub const MAX_NODES: usize = 100_000;
/// The deepest nesting.
pub const MAX_DEPTH: usize = 64;

/// A place in a file, both counted from 1; columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct Position {
    /// Line.
    pub(crate) line: usize,
    /// Column.
    pub(crate) column: usize,
}

/// One node with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it begins.
    pub(crate) at: Position,
    /// What it is.
    pub(crate) kind: Kind,
}

/// The content of a node.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A scalar; `plain` when it is written without quotes, so that it may be a number.
    Scalar {
        /// The text, unescaped.
        text: String,
        /// Written without quotes or block marks.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file.
    Map(Vec<(Node, Node)>),
}

/// What a plain scalar means in YAML 1.2's core schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar<'n> {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as decimal text in JSON's grammar.
    Number(String),
    /// Anything else, and everything in quotes.
    Text(&'n str),
}

impl Node {
    /// The scalar this node holds, typed; `None` for lists and mappings.
    #[must_use]
    pub(crate) fn scalar(&self) -> Option<Scalar<'_>> {
        match &self.kind {
            Kind::Scalar { text, plain } => Some(if *plain { typed(text) } else { Scalar::Text(text) }),
            _ => None,
        }
    }

    /// The text of a scalar as written, whatever its type.
    #[must_use]
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list; a single node counts as a list of one.
    #[must_use]
    pub(crate) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub(crate) fn entries(&self) -> Option<&[(Node, Node)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key of a mapping.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// The texts of a scalar or of a list of scalars.
    #[must_use]
    pub(crate) fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(Node::text).map(str::to_owned).collect()
    }
}

fn typed(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        _ => {}
    }
    if let Some(number) = core_number(text) { Scalar::Number(number) } else { Scalar::Text(text) }
}

/// Rewrites a YAML number as JSON would write it. A number with leading zeros stays text,
/// since such values are identifiers.
fn core_number(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|n| n.to_string());
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(|n| n.to_string());
    }
    let mut json = String::from(if text.starts_with('-') { "-" } else { "" });
    if unsigned.starts_with('.') {
        json.push('0');
    }
    json.push_str(unsigned);
    let json = json.strip_suffix('.').map_or_else(|| json.clone(), str::to_owned);
    crate::number::Number::parse(&json).map(|_| json)
}

/// Reads all documents of a file.
///
/// # Errors
/// Returns the first place where the text is not YAML, repeats a key, or passes a limit.
pub(crate) fn parse(text: &str) -> Result<Vec<Node>, Fault> {
    if text.len() > MAX_SOURCE_BYTES {
        return Err(Fault::new(Code::FileTooLarge).with("most", MAX_SOURCE_BYTES));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Builder::default().run(text)
}

/// A list or mapping that is still open.
#[derive(Debug)]
struct Open {
    at: Position,
    anchor: usize,
    map: bool,
    items: Vec<Node>,
}

#[derive(Debug, Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: std::collections::BTreeMap<usize, (Node, usize)>,
    nodes: usize,
}

impl Builder {
    fn run(mut self, text: &str) -> Result<Vec<Node>, Fault> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let at = Position { line: error.marker().line().max(1), column: error.marker().col() + 1 };
                Fault::new(Code::NotYaml).with("reason", error.info()).at(at)
            })?;
            let at = Position { line: span.start.line().max(1), column: span.start.col() + 1 };
            self.take(event, at)?;
        }
        Ok(self.documents)
    }

    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let node = Node { at, kind: Kind::Scalar { text: text.into_owned(), plain } };
                self.finish(node, anchor, 1)
            }
            Event::SequenceStart(anchor, _) => self.begin(at, anchor, false),
            Event::MappingStart(anchor, _) => self.begin(at, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Alias(anchor) => {
                let (node, size) =
                    self.anchors.get(&anchor).cloned().ok_or_else(|| Fault::new(Code::AliasOfNothing).at(at))?;
                self.finish(node, 0, size)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, at: Position, anchor: usize, map: bool) -> Result<(), Fault> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault::new(Code::NestedTooDeep).with("most", MAX_DEPTH).at(at));
        }
        self.open.push(Open { at, anchor, map, items: Vec::new() });
        Ok(())
    }

    fn end(&mut self, at: Position) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Err(Fault::new(Code::EndWithoutBeginning).at(at));
        };
        let kind = if open.map { Kind::Map(pairs(open.items)?) } else { Kind::List(open.items) };
        self.finish(Node { at: open.at, kind }, open.anchor, 1)
    }

    fn finish(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Fault> {
        self.nodes += size;
        if self.nodes > MAX_NODES {
            return Err(Fault::new(Code::TooManyNodes).with("most", MAX_NODES).at(node.at));
        }
        if anchor > 0 {
            let size = count(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.documents.push(node),
        }
        Ok(())
    }
}

fn count(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { .. } => 1,
        Kind::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        Kind::Map(entries) => 1 + entries.iter().map(|(k, v)| count(k) + count(v)).sum::<usize>(),
    }
}

fn pairs(items: Vec<Node>) -> Result<Vec<(Node, Node)>, Fault> {
    let mut out: Vec<(Node, Node)> = Vec::with_capacity(items.len() / 2);
    let mut seen = std::collections::BTreeSet::new();
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        let Some(name) = key.text() else {
            return Err(Fault::new(Code::KeyNoWord).at(key.at));
        };
        if !seen.insert(name.to_owned()) {
            return Err(Fault::new(Code::KeyTwice).with("key", name).at(key.at));
        }
        out.push((key, value));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn scalars_are_typed_as_yaml_1_2_says() {
        let documents =
            parse("a: 5\nb: '5'\nc: null\nd: yes\ne: True\nf: 0x10\ng: 007\nh: 1.5\ni: .5\nj: -3\nk: 1.2.3.4\nl: 1e3")
                .unwrap();
        let read = |key: &str| documents[0].get(key).unwrap().scalar().unwrap();
        assert_eq!(read("a"), Scalar::Number("5".into()));
        assert_eq!(read("b"), Scalar::Text("5"));
        assert_eq!(read("c"), Scalar::Null);
        assert_eq!(read("d"), Scalar::Text("yes"));
        assert_eq!(read("e"), Scalar::Bool(true));
        assert_eq!(read("f"), Scalar::Number("16".into()));
        assert_eq!(read("g"), Scalar::Text("007"));
        assert_eq!(read("h"), Scalar::Number("1.5".into()));
        assert_eq!(read("i"), Scalar::Number("0.5".into()));
        assert_eq!(read("j"), Scalar::Number("-3".into()));
        assert_eq!(read("k"), Scalar::Text("1.2.3.4"));
        assert_eq!(read("l"), Scalar::Number("1e3".into()));
    }

    #[test]
    fn positions_count_from_one_and_repeated_keys_are_refused() {
        let error = parse("a: 1\nb:\n  c: 1\n  c: 2\n").unwrap_err().refuse("f");
        assert_eq!((error.line, error.column, error.code), (4, 3, Code::KeyTwice));
    }

    #[test]
    fn an_alias_bomb_ends_at_the_limit() {
        let mut text = String::from("a: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let previous = level - 1;
            writeln!(text, "k{level}: &a{level} [*a{previous}, *a{previous}, *a{previous}, *a{previous}, *a{previous}, *a{previous}, *a{previous}, *a{previous}]").unwrap();
        }
        assert_eq!(parse(&text).unwrap_err().refuse("f").code, Code::TooManyNodes);
    }

    #[test]
    fn deep_nesting_ends_at_the_limit() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&("- ".repeat(300) + "x")).is_err());
    }
}
