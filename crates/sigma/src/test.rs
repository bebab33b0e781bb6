//! One compiled test: what a rule asks of one field, or of all values of an event.
//! Compiled by `modifier.rs`; evaluated here against leaves of an event.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use regex::Regex;

use crate::fold::fold_into;
use crate::glance::Glance;
use crate::number::Number;
use crate::pattern::Pattern;
use crate::taxonomy::{self, Leaf, Path};
use crate::time;
use crate::view::View;

/// An order comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Lt,
    Lte,
    Gt,
    Gte,
    Eq,
    Neq,
}

impl Order {
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
            Self::Eq => order.is_eq(),
            Self::Neq => order.is_ne(),
        }
    }
}

/// A part of a date, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// How two fields are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefKind {
    Equals,
    Contains,
    Starts,
    Ends,
}

/// What a single value of a rule asks of a single value of an event.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// A text; with its number when the text is one.
    Text(Pattern, Option<Number>),
    Number(Number),
    Bool(bool),
    /// Null, or the field is missing.
    Null,
    Regex(Box<Regex>),
    Cidr {
        network: IpAddr,
        prefix: u8,
    },
    Order(Order, Number),
    Time(TimePart, Order, i64),
    FieldRef {
        kind: RefKind,
        cased: bool,
        field: FieldId,
    },
    /// Any of the forms one value can take (base64 offsets).
    AnyOf(Box<[Test]>),
}

/// A test of one field with all its values.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The field, as an index into the rule set's fields; `None` for keywords.
    pub field: Option<FieldId>,
    /// The modifiers as written, for explanations.
    pub modifiers: String,
    /// The values as written, for explanations, beside their tests.
    pub values: Vec<String>,
    pub tests: Vec<Test>,
    /// Every value must match, in place of any.
    pub all: bool,
    /// The field must have a value, and none of them may match.
    pub neq: bool,
    /// Only presence is asked.
    pub exists: Option<bool>,
    /// A shorter text passes none of the tests.
    pub least: usize,
    /// A look at a long text before it is tested; made when the first one comes.
    pub glance: OnceLock<Option<Glance>>,
}

/// Buffers reused from event to event.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    folded: String,
    whole: String,
    /// Values of the event that decided, one after the other.
    seen: String,
}

/// A field name of the rule set.
pub(crate) type FieldId = usize;

/// The places of every field of the rule set in events of one log type.
pub(crate) type Plans = [Vec<Path>];

/// The places of one field.
pub(crate) fn places(plans: &Plans, field: FieldId) -> &[Path] {
    plans.get(field).map_or(&[], Vec::as_slice)
}

/// Which value of an item decided, and by which value of the event: where that is in [`Scratch::seen`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Index of the rule's value.
    pub value: usize,
    start: usize,
    end: usize,
}

/// Whether an item holds, and what was seen then. Nothing is seen where something had to be absent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decision {
    No,
    Yes(Option<Seen>),
}

impl Decision {
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Yes(None) } else { Self::No }
    }

    pub(crate) fn holds(self) -> bool {
        matches!(self, Self::Yes(_))
    }

    /// What decided, if something did.
    pub(crate) fn seen(self) -> Option<Seen> {
        if let Self::Yes(seen) = self { seen } else { None }
    }
}

impl Scratch {
    /// Forgets what was seen in the event before.
    pub(crate) fn next(&mut self) {
        self.seen.clear();
    }

    /// The value of the event that decided, as text.
    pub(crate) fn text(&self, seen: Seen) -> &str {
        self.seen.get(seen.start..seen.end).unwrap_or_default()
    }

    fn note(&mut self, value: usize, leaf: &Leaf<'_>) -> Seen {
        let start = self.seen.len();
        describe_into(leaf, &mut self.seen);
        Seen { value, start, end: self.seen.len() }
    }
}

/// A longer text is looked at before it is folded.
const LONG_TEXT: usize = 64;

impl Item {
    /// Whether the item holds for the event, and which value decided.
    pub(crate) fn decide(&self, event: &View<'_>, plans: &Plans, scratch: &mut Scratch) -> Decision {
        if let Some(wanted) = self.exists {
            let (_, found) = event.visit(self.paths(plans), &mut |_| true);
            return Decision::of(found == wanted);
        }
        if self.neq {
            let mut valued = false;
            event.visit(self.paths(plans), &mut |leaf| {
                valued = !matches!(leaf, Leaf::Null);
                valued
            });
            return Decision::of(valued && !self.scan(&self.tests, event, plans, scratch).holds());
        }
        if self.all {
            let mut seen = None;
            for (at, test) in self.tests.iter().enumerate() {
                let one = self.scan(std::slice::from_ref(test), event, plans, scratch);
                if !one.holds() {
                    return Decision::No;
                }
                seen = one.seen().map(|seen| Seen { value: at, ..seen }).or(seen);
            }
            return Decision::Yes(seen);
        }
        self.scan(&self.tests, event, plans, scratch)
    }

    fn paths<'p>(&self, plans: &'p Plans) -> &'p [Path] {
        self.field.map_or(&[], |field| places(plans, field))
    }

    /// Whether any value of the event passes any of the tests.
    fn scan(&self, tests: &[Test], event: &View<'_>, plans: &Plans, scratch: &mut Scratch) -> Decision {
        let mut seen = None;
        let mut visitor = |leaf: &Leaf<'_>| {
            let found = match leaf {
                Leaf::Null => tests.iter().position(|test| matches!(test, Test::Null)),
                Leaf::Json(value) => {
                    if let Some(text) = value.compact() {
                        self.first(tests, &Leaf::Text(text), true, event, plans, scratch)
                    } else {
                        let mut text = std::mem::take(&mut scratch.whole);
                        text.clear();
                        taxonomy::compact(*value, &mut text);
                        let found = self.first(tests, &Leaf::Text(&text), true, event, plans, scratch);
                        scratch.whole = text;
                        found
                    }
                }
                scalar => self.first(tests, scalar, false, event, plans, scratch),
            };
            let Some(at) = found else { return false };
            seen = Some(scratch.note(at, leaf));
            true
        };
        if self.field.is_none() {
            let stopped = taxonomy::leaves(event.root(), self.least, &mut visitor);
            return if stopped { Decision::Yes(seen) } else { Decision::No };
        }
        let (stopped, found) = event.visit(self.paths(plans), &mut visitor);
        if stopped {
            return Decision::Yes(seen);
        }
        Decision::of(!found && tests.iter().any(|test| matches!(test, Test::Null)))
    }

    fn first(
        &self,
        tests: &[Test],
        leaf: &Leaf<'_>,
        whole: bool,
        event: &View<'_>,
        plans: &Plans,
        scratch: &mut Scratch,
    ) -> Option<usize> {
        match leaf {
            Leaf::Text(text) if text.len() < self.least || self.unseen(text) => return None,
            Leaf::Text(text) | Leaf::Number(text) => fold_into(text, &mut scratch.folded),
            Leaf::Bool(flag) => fold_into(if *flag { "true" } else { "false" }, &mut scratch.folded),
            Leaf::Null | Leaf::Json(_) => scratch.folded.clear(),
        }
        let folded = std::mem::take(&mut scratch.folded);
        let found = tests.iter().position(|test| test.passes(leaf, &folded, whole, event, plans));
        scratch.folded = folded;
        found
    }
}

impl Item {
    /// Whether a look is enough to know that the text passes none of the tests.
    fn unseen(&self, text: &str) -> bool {
        let glance = || needed(&self.tests).and_then(|needles| Glance::new(needles.iter().map(String::as_str)));
        text.len() >= LONG_TEXT && self.glance.get_or_init(glance).as_ref().is_some_and(|glance| !glance.sees(text))
    }
}

/// Texts of which one occurs in any text that passes one of the tests.
fn needed(tests: &[Test]) -> Option<Vec<String>> {
    let one = |test: &Test| match test {
        Test::Text(pattern, _) => pattern.needle().map(|needle| vec![needle]),
        Test::AnyOf(tests) => needed(tests),
        Test::Null => Some(Vec::new()),
        _ => None,
    };
    tests.iter().map(one).collect::<Option<Vec<_>>>().map(|lists| lists.concat())
}

/// A value for people and machines to read, cut to a bounded length.
pub(crate) const MAX_SHOWN_BYTES: usize = 512;

pub(crate) fn describe(leaf: &Leaf<'_>) -> Arc<str> {
    match leaf {
        // Most values are shown as they are.
        Leaf::Number(text) | Leaf::Text(text) if text.len() <= MAX_SHOWN_BYTES => (*text).into(),
        _ => {
            let mut text = String::new();
            describe_into(leaf, &mut text);
            text.into()
        }
    }
}

fn describe_into(leaf: &Leaf<'_>, out: &mut String) {
    match leaf {
        Leaf::Null => out.push_str("null"),
        Leaf::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Leaf::Number(text) | Leaf::Text(text) => shorten_into(text, out),
        Leaf::Json(value) => {
            if let Some(text) = value.compact() {
                shorten_into(text, out);
            } else {
                let mut text = String::new();
                taxonomy::compact(*value, &mut text);
                shorten_into(&text, out);
            }
        }
    }
}

pub(crate) fn shorten(text: &str) -> String {
    let mut out = String::new();
    shorten_into(text, &mut out);
    out
}

fn shorten_into(text: &str, out: &mut String) {
    if text.len() <= MAX_SHOWN_BYTES {
        return out.push_str(text);
    }
    let end = (0..=MAX_SHOWN_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    out.push_str(text.get(..end).unwrap_or_default());
    out.push('…');
}

/// The fewest bytes a text must have to pass one of the tests.
pub(crate) fn least(tests: &[Test]) -> usize {
    let one = |test: &Test| match test {
        Test::Text(pattern, _) => pattern.least(),
        Test::AnyOf(tests) => least(tests),
        _ => 0,
    };
    tests.iter().map(one).min().unwrap_or(0)
}

impl Test {
    fn passes(&self, leaf: &Leaf<'_>, folded: &str, whole: bool, event: &View<'_>, plans: &Plans) -> bool {
        let raw = match leaf {
            Leaf::Text(text) | Leaf::Number(text) => *text,
            Leaf::Bool(true) => "true",
            Leaf::Bool(false) => "false",
            Leaf::Null | Leaf::Json(_) => return false,
        };
        match self {
            Self::Text(pattern, number) => {
                pattern.matches(raw, folded)
                    || (matches!(leaf, Leaf::Number(_))
                        && number.as_ref().is_some_and(|wanted| Number::parse(raw).as_ref() == Some(wanted)))
            }
            Self::Regex(regex) => regex.is_match(raw),
            Self::AnyOf(tests) => tests.iter().any(|test| test.passes(leaf, folded, whole, event, plans)),
            _ if whole => false,
            Self::Number(wanted) => !matches!(leaf, Leaf::Bool(_)) && Number::parse(raw).as_ref() == Some(wanted),
            Self::Bool(wanted) => folded == if *wanted { "true" } else { "false" },
            Self::Null => false,
            Self::Cidr { network, prefix } => address(raw).is_some_and(|ip| in_network(ip, *network, *prefix)),
            Self::Order(order, wanted) => {
                Number::parse(raw).and_then(|n| n.partial_cmp(wanted)).is_some_and(|o| order.holds(o))
            }
            Self::Time(part, order, wanted) => part.of(raw).is_some_and(|n| order.holds(n.cmp(wanted))),
            Self::FieldRef { kind, cased, field } => {
                let (mine, mut other) = (if *cased { raw } else { folded }, String::new());
                event
                    .visit(places(plans, *field), &mut |leaf| match leaf {
                        Leaf::Text(text) | Leaf::Number(text) => {
                            if *cased {
                                other.clear();
                                other.push_str(text);
                            } else {
                                fold_into(text, &mut other);
                            }
                            kind.compare(mine, &other)
                        }
                        Leaf::Bool(flag) => kind.compare(mine, if *flag { "true" } else { "false" }),
                        Leaf::Null | Leaf::Json(_) => false,
                    })
                    .0
            }
        }
    }
}

impl RefKind {
    fn compare(self, mine: &str, other: &str) -> bool {
        match self {
            Self::Equals => mine == other || Number::parse(mine).is_some_and(|n| Number::parse(other) == Some(n)),
            Self::Contains => mine.contains(other),
            Self::Starts => mine.starts_with(other),
            Self::Ends => mine.ends_with(other),
        }
    }
}

impl TimePart {
    fn of(self, text: &str) -> Option<i64> {
        let date = time::parse(text)?.to_zoned(TimeZone::UTC);
        Some(match self {
            Self::Minute => i64::from(date.minute()),
            Self::Hour => i64::from(date.hour()),
            Self::Day => i64::from(date.day()),
            Self::Week => i64::from(date.date().iso_week_date().week()),
            Self::Month => i64::from(date.month()),
            Self::Year => i64::from(date.year()),
        })
    }
}

/// Reads an address, also with a port or in brackets, as Microsoft's logs write them.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(ip);
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn in_network(ip: IpAddr, network: IpAddr, prefix: u8) -> bool {
    let shift = |bits: u32| bits.saturating_sub(u32::from(prefix));
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            (ip.to_bits() ^ network.to_bits()).checked_shr(shift(32)).unwrap_or(0) == 0
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            (ip.to_bits() ^ network.to_bits()).checked_shr(shift(128)).unwrap_or(0) == 0
        }
        (IpAddr::V6(ip), IpAddr::V4(_)) => {
            ip.to_ipv4_mapped().is_some_and(|ip| in_network(IpAddr::V4(ip), network, prefix))
        }
        (IpAddr::V4(_), IpAddr::V6(_)) => false,
    }
}
