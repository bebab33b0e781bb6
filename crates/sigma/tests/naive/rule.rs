//! A rule as data, what it asks of an event, and how it is written as YAML.

use super::json::Json;
use super::values::{Found, Leaf, Reading, compare, fold, glob, number, scalars};

/// A value of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(flag) => flag.to_string(),
            Self::Number(text) | Self::Text(text) => text.clone(),
        }
    }

    fn yaml(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(flag) => flag.to_string(),
            Self::Number(text) => text.clone(),
            Self::Text(text) if text.contains(['\n', '\t']) => serde_json::to_string(text).unwrap_or_default(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
        }
    }
}

/// One line: a field (none for keywords), its modifiers, its values.
#[derive(Debug, Clone)]
pub struct Line {
    pub field: Option<String>,
    pub modifiers: Vec<&'static str>,
    pub values: Vec<Value>,
}

/// A selection: alternatives, each a list of lines that must all hold.
#[derive(Debug, Clone)]
pub struct Selection {
    pub name: String,
    pub alternatives: Vec<Vec<Line>>,
}

/// A condition over selections by name.
#[derive(Debug, Clone)]
pub enum Condition {
    Name(String),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// At least so many (`None`: all) of the selections whose names begin like this.
    Of(Option<usize>, String),
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    pub product: &'static str,
    pub service: &'static str,
    pub selections: Vec<Selection>,
    pub condition: Condition,
}

/// A path and what is derived from its value.
pub type Place = (String, Option<String>);

impl Rule {
    pub fn yaml(&self) -> String {
        let mut out = format!(
            "title: {0}\nid: {0}\nlogsource: {{product: {1}, service: {2}}}\ndetection:\n",
            self.id, self.product, self.service
        );
        for selection in &self.selections {
            out += &format!("  {}:\n", selection.name);
            for lines in &selection.alternatives {
                let mut lead = if selection.alternatives.len() == 1 { "    " } else { "    - " };
                for line in lines {
                    match &line.field {
                        None if line.modifiers.is_empty() => {
                            line.values.iter().for_each(|value| out += &format!("    - {}\n", value.yaml()));
                        }
                        _ => out += &format!("{lead}{}\n", line.yaml()),
                    }
                    if selection.alternatives.len() > 1 {
                        lead = "      ";
                    }
                }
            }
        }
        out + &format!("  condition: {}\n", self.condition.text(0))
    }

    /// Whether the rule holds, by the plain reading of it.
    pub fn holds(&self, event: &Json, reading: Reading, places: &dyn Fn(&str) -> Vec<Place>) -> bool {
        let look = |field: &str| {
            let mut found = Found::default();
            for (path, transform) in places(field) {
                found.follow(event, &path, transform.as_deref(), reading);
            }
            found
        };
        let selected = |selection: &Selection| {
            selection.alternatives.iter().any(|lines| lines.iter().all(|line| line.holds(event, &look)))
        };
        self.condition.holds(&self.selections, &selected)
    }
}

impl Condition {
    fn holds(&self, all: &[Selection], selected: &dyn Fn(&Selection) -> bool) -> bool {
        match self {
            Self::Name(name) => all.iter().any(|s| s.name == *name && selected(s)),
            Self::And(parts) => parts.iter().all(|part| part.holds(all, selected)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(all, selected)),
            Self::Not(inner) => !inner.holds(all, selected),
            Self::Of(count, prefix) => {
                let named: Vec<&Selection> = all.iter().filter(|s| s.name.starts_with(prefix.as_str())).collect();
                named.iter().filter(|s| selected(s)).count() >= count.unwrap_or(named.len())
            }
        }
    }

    /// As text; `outer` is how tightly the surroundings bind: 0 or, 1 and, 2 not.
    fn text(&self, outer: u8) -> String {
        let join = |parts: &[Self], word: &str, own: u8| {
            parts.iter().map(|part| part.text(own + 1)).collect::<Vec<_>>().join(word)
        };
        let (text, own) = match self {
            Self::Name(name) => (name.clone(), 3),
            Self::Of(count, prefix) => {
                let pattern = if prefix.is_empty() { "them".into() } else { format!("{prefix}*") };
                (format!("{} of {pattern}", count.map_or("all".into(), |n| n.to_string())), 3)
            }
            Self::Not(inner) => (format!("not {}", inner.text(2)), 2),
            Self::And(parts) => (join(parts, " and ", 1), 1),
            Self::Or(parts) => (join(parts, " or ", 0), 0),
        };
        if own < outer { format!("({text})") } else { text }
    }
}

impl Line {
    fn yaml(&self) -> String {
        let mut key = self.field.clone().unwrap_or_default();
        for modifier in &self.modifiers {
            key += &format!("|{modifier}");
        }
        let key = if key.starts_with('|') { format!("'{key}'") } else { key };
        match self.values.as_slice() {
            [single] => format!("{key}: {}", single.yaml()),
            many => format!("{key}: [{}]", many.iter().map(Value::yaml).collect::<Vec<_>>().join(", ")),
        }
    }

    fn has(&self, modifier: &str) -> bool {
        self.modifiers.contains(&modifier)
    }

    fn holds(&self, event: &Json, look: &dyn Fn(&str) -> Found) -> bool {
        let found = if let Some(field) = &self.field {
            look(field)
        } else {
            let mut leaves = Vec::new();
            scalars(event, &mut leaves);
            Found { leaves, exists: true }
        };
        if self.has("exists") {
            return self.values == [Value::Bool(found.exists)];
        }
        let meets = |value: &Value| {
            (*value == Value::Null && self.modifiers.iter().all(|m| *m == "neq" || *m == "all") && !found.exists)
                || found.leaves.iter().any(|leaf| self.meets(value, leaf, look))
        };
        if self.has("neq") {
            return found.leaves.iter().any(|leaf| *leaf != Leaf::Null) && !self.values.iter().any(meets);
        }
        if self.has("all") { self.values.iter().all(meets) } else { self.values.iter().any(meets) }
    }

    fn meets(&self, value: &Value, leaf: &Leaf, look: &dyn Fn(&str) -> Found) -> bool {
        let whole = matches!(leaf, Leaf::Whole(_));
        if *leaf == Leaf::Null {
            return *value == Value::Null;
        }
        let Some(text) = leaf.text() else { return false };
        let cased = self.has("cased") || self.has("base64") || self.has("base64offset");
        let plain = ["contains", "startswith", "endswith", "re", "windash", "base64", "base64offset", "wide", "cidr"];
        let shaped = self.modifiers.iter().any(|m| plain.contains(m)) || self.field.is_none();
        if self.has("fieldref") {
            return !whole && self.refers(&text, cased, &look(&value.text()));
        }
        if self.has("re") {
            return self.regex(&value.text()).is_match(&text);
        }
        if self.has("cidr") {
            return !whole && in_network(&text, &value.text());
        }
        let text = match ["minute", "hour", "day", "month", "year"].iter().find(|part| self.has(part)) {
            None => text,
            Some(_) if whole => return false,
            Some(part) => {
                let Some(number) = time_part(&text, part) else { return false };
                if !["lt", "lte", "gt", "gte"].iter().any(|m| self.has(m)) {
                    return compare(&number, &value.text()) == Some(0);
                }
                number
            }
        };
        for (modifier, orders) in [("lt", &[-1][..]), ("lte", &[-1, 0]), ("gt", &[1]), ("gte", &[0, 1])] {
            if self.has(modifier) {
                return !whole && compare(&text, &value.text()).is_some_and(|order| orders.contains(&order));
            }
        }
        match value {
            Value::Null => return false,
            Value::Bool(flag) if !shaped && !self.has("cased") => return !whole && fold(&text) == flag.to_string(),
            Value::Number(wanted) if !shaped => {
                return !whole && !matches!(leaf, Leaf::Bool(_)) && compare(&text, wanted) == Some(0);
            }
            _ => {}
        }
        let same_number = |wanted: &str| {
            let wraps = ["contains", "startswith", "endswith"];
            matches!(leaf, Leaf::Number(_))
                && self.field.is_some()
                && !self.modifiers.iter().any(|m| wraps.contains(m))
                && !wanted.contains(['*', '?', '\\'])
                && number(wanted).is_some()
                && compare(&text, wanted) == Some(0)
        };
        self.forms(&value.text()).iter().any(|form| self.matches(form, &text, cased) || same_number(form))
    }

    /// The texts one value can take: itself, or its encodings.
    fn forms(&self, text: &str) -> Vec<String> {
        let bytes: Vec<u8> = if self.has("wide") {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            text.as_bytes().to_vec()
        };
        if self.has("base64") {
            vec![base64(&bytes).iter().collect()]
        } else if self.has("base64offset") {
            (0..3).map(|offset| offset_form(&bytes, offset)).collect()
        } else {
            vec![text.to_owned()]
        }
    }

    fn matches(&self, form: &str, text: &str, cased: bool) -> bool {
        let dashes = |s: String| s.replace(['/', '\u{2013}', '\u{2014}', '\u{2015}'], "-");
        let prepare = |s: &str| {
            let s = if cased { s.to_owned() } else { fold(s) };
            if self.has("windash") { dashes(s) } else { s }
        };
        let (mut pattern, mut stars) = (Vec::new(), Vec::new());
        let star = |pattern: &mut Vec<Option<char>>, stars: &mut Vec<bool>| {
            pattern.push(None);
            stars.push(true);
        };
        let keyword = self.field.is_none();
        let free = |wraps: [&str; 2]| {
            wraps.iter().any(|m| self.has(m))
                || (keyword && !["contains", "startswith", "endswith"].iter().any(|m| self.has(m)))
        };
        if free(["contains", "endswith"]) {
            star(&mut pattern, &mut stars);
        }
        let mut chars = form.chars().peekable();
        while let Some(c) = chars.next() {
            let literal = match (c, chars.peek().copied()) {
                ('\\', Some(next @ ('*' | '?' | '\\'))) => {
                    chars.next();
                    next
                }
                ('*', _) => {
                    star(&mut pattern, &mut stars);
                    continue;
                }
                ('?', _) => {
                    pattern.push(None);
                    stars.push(false);
                    continue;
                }
                _ => c,
            };
            pattern.push(prepare(&literal.to_string()).chars().next());
            stars.push(false);
        }
        if free(["contains", "startswith"]) {
            star(&mut pattern, &mut stars);
        }
        glob(&pattern, &stars, &prepare(text).chars().collect::<Vec<_>>())
    }

    fn regex(&self, text: &str) -> regex::Regex {
        let flags: String = self.modifiers.iter().filter(|m| ["i", "m", "s"].contains(m)).copied().collect();
        let text = if flags.is_empty() { text.to_owned() } else { format!("(?{flags}){text}") };
        regex::Regex::new(&text).unwrap()
    }

    fn refers(&self, mine: &str, cased: bool, other: &Found) -> bool {
        let prepare = |s: &str| if cased { s.to_owned() } else { fold(s) };
        other.leaves.iter().filter(|leaf| !matches!(leaf, Leaf::Whole(_))).filter_map(Leaf::text).any(|theirs| {
            let (mine, theirs) = (prepare(mine), prepare(&theirs));
            if self.has("contains") {
                mine.contains(&theirs)
            } else if self.has("startswith") {
                mine.starts_with(&theirs)
            } else if self.has("endswith") {
                mine.ends_with(&theirs)
            } else {
                mine == theirs || compare(&mine, &theirs) == Some(0)
            }
        })
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> Vec<char> {
    let bits = bytes.iter().map(|b| format!("{b:08b}")).collect::<Vec<_>>().concat();
    let mut out: Vec<char> = Vec::new();
    for at in (0..bits.len()).step_by(6) {
        let six = format!("{:0<6}", &bits[at..bits.len().min(at + 6)]);
        out.push(char::from(ALPHABET[usize::from_str_radix(&six, 2).unwrap()]));
    }
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

/// What is left of the encoded bytes at this offset in a longer text: the characters all of
/// whose bits are theirs.
fn offset_form(bytes: &[u8], offset: usize) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, offset).chain(bytes.iter().copied()).collect();
    let all = base64(&padded);
    let (first, last) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    all[first..last].iter().collect()
}

/// A part of a time written as `2026-05-04T13:07:09`, with anything after it that is not a zone.
fn time_part(text: &str, part: &str) -> Option<String> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    if !["9999-99-99T99:99:99", "9999-99-99T99:99:99Z", "9999-99-99 99:99:99"].contains(&shape.as_str()) {
        return None;
    }
    let digits = match part {
        "year" => &text[0..4],
        "month" => &text[5..7],
        "day" => &text[8..10],
        "hour" => &text[11..13],
        _ => &text[14..16],
    };
    digits.parse::<u32>().ok().map(|n| n.to_string())
}

/// Networks of IPv4 only: generated rules have no other.
fn in_network(text: &str, network: &str) -> bool {
    let number = |s: &str| {
        let parts: Vec<u32> = s.split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
        (parts.len() == 4 && parts.iter().all(|p| *p < 256)).then(|| parts.iter().fold(0, |sum, p| sum * 256 + p))
    };
    let text = text.split_once(':').map_or(text, |(address, _)| address);
    let (address, bits) = network.split_once('/').unwrap();
    let shift = 32 - bits.parse::<u32>().unwrap();
    match (number(text), number(address)) {
        (Some(a), Some(b)) => u64::from(a) >> shift == u64::from(b) >> shift,
        _ => false,
    }
}
