//! What a field of an event holds, collected the slow way; and comparing texts and numbers.

use super::json::Json;

/// A value met at a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    /// An object, or an array that is empty or holds more than scalars, as compact text.
    Whole(String),
}

impl Leaf {
    /// The text that string tests see.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Number(text) | Self::Text(text) | Self::Whole(text) => Some(text.clone()),
        }
    }
}

/// How a log is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub nested_json: bool,
    pub localized: bool,
}

/// Everything a path leads to, and whether the place exists.
#[derive(Debug, Default)]
pub struct Found {
    pub leaves: Vec<Leaf>,
    pub exists: bool,
}

impl Found {
    /// Follows one path; `#name` at its end derives a value.
    pub fn follow(&mut self, event: &Json, path: &str, transform: Option<&str>, reading: Reading) {
        let mut inner = Self::default();
        let keys: Vec<&str> = path.split('.').collect();
        inner.step(event, &keys, reading, 0);
        self.exists |= inner.exists;
        match transform {
            None => self.leaves.extend(inner.leaves),
            Some(name) => {
                let texts = inner.leaves.iter().filter(|l| !matches!(l, Leaf::Whole(_))).filter_map(Leaf::text);
                self.leaves.extend(texts.filter_map(|text| derive(name, &text)).map(Leaf::Text));
            }
        }
    }

    fn step(&mut self, value: &Json, keys: &[&str], reading: Reading, opened: usize) {
        let Some((first, rest)) = keys.split_first() else {
            self.exists = true;
            self.emit(value, reading);
            return;
        };
        match value {
            Json::Object(_) => {
                let whole = keys.join(".");
                if let (false, Some(found)) = (rest.is_empty(), value.field(&whole)) {
                    self.exists = true;
                    self.emit(found, reading);
                } else if let Some(inner) = value.field(first) {
                    self.step(inner, rest, reading, opened);
                }
            }
            Json::List(items) => {
                for item in items.iter().filter(|item| matches!(item, Json::Object(_))) {
                    self.step(item, keys, reading, opened);
                    if reading.nested_json {
                        self.entry(item, &keys.join("."), reading);
                    }
                }
            }
            Json::Text(text) if reading.nested_json && opened < 3 && text.trim_start().starts_with(['{', '[']) => {
                if let Some(inner) = Json::parse(text) {
                    self.step(&inner, keys, reading, opened + 1);
                }
            }
            _ => {}
        }
    }

    /// `{"Name": "x", "Value": 1}` is read as x = 1.
    fn entry(&mut self, item: &Json, wanted: &str, reading: Reading) {
        let name = ["Name", "displayName", "key"].iter().find_map(|key| item.field(key));
        let Some(Json::Text(name)) = name else { return };
        if !name.eq_ignore_ascii_case(wanted) {
            return;
        }
        let Some(value) = ["Value", "newValue"].iter().find_map(|key| item.field(key)) else { return };
        self.exists = true;
        self.emit(value, reading);
        if let Json::Text(text) = value
            && text.starts_with('"')
            && let Some(inner @ (Json::Text(_) | Json::Null | Json::Bool(_) | Json::Number(_))) = Json::parse(text)
        {
            self.emit(&inner, reading);
        }
    }

    fn emit(&mut self, value: &Json, reading: Reading) {
        match value {
            Json::Null => self.leaves.push(Leaf::Null),
            Json::Bool(flag) => self.leaves.push(Leaf::Bool(*flag)),
            Json::Number(text) => self.leaves.push(Leaf::Number(text.clone())),
            Json::Text(text) => self.leaves.push(Leaf::Text(text.clone())),
            Json::List(items) => {
                let scalar = |item: &&Json| !matches!(item, Json::List(_) | Json::Object(_));
                items.iter().filter(scalar).for_each(|item| self.emit(item, reading));
                if items.is_empty() || !items.iter().all(|item| scalar(&item)) {
                    self.leaves.push(Leaf::Whole(value.compact()));
                }
            }
            Json::Object(_) => match value.field("value") {
                Some(inner) if reading.localized => {
                    self.emit(inner, reading);
                    if let Some(other) = value.field("localizedValue") {
                        self.emit(other, reading);
                    }
                }
                _ => self.leaves.push(Leaf::Whole(value.compact())),
            },
        }
    }
}

/// Every scalar of an event, keys never.
pub fn scalars(value: &Json, out: &mut Vec<Leaf>) {
    match value {
        Json::List(items) => items.iter().for_each(|item| scalars(item, out)),
        Json::Object(fields) => fields.iter().for_each(|(_, item)| scalars(item, out)),
        Json::Null => out.push(Leaf::Null),
        Json::Bool(flag) => out.push(Leaf::Bool(*flag)),
        Json::Number(text) => out.push(Leaf::Number(text.clone())),
        Json::Text(text) => out.push(Leaf::Text(text.clone())),
    }
}

fn derive(name: &str, text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    match name {
        "provider" => text.find('/').map(|at| text[..at].to_owned()),
        "subscription" => {
            let parts: Vec<&str> = text.split('/').collect();
            let at = parts.iter().position(|part| part.to_lowercase() == "subscriptions")?;
            parts.get(at + 1).filter(|id| !id.is_empty()).map(|id| (*id).to_owned())
        }
        "outcome" if ["success", "succeeded", "true", "0", "partiallysucceeded"].contains(&lower.as_str()) => {
            Some("Success".into())
        }
        "outcome" if ["failure", "failed", "fail", "false", "error"].contains(&lower.as_str()) => {
            Some("Failure".into())
        }
        "outcome" => (text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| "Failure".into()),
        _ => {
            let mut out = String::new();
            for c in text.chars() {
                if c.is_uppercase() && !out.is_empty() {
                    out.push(' ');
                }
                out.push(c);
            }
            Some(out)
        }
    }
}

/// Letters without their case: one letter stays one letter.
pub fn fold(text: &str) -> String {
    let one = |c: char| {
        let lower: Vec<char> = c.to_lowercase().collect();
        if let [single] = lower.as_slice() { *single } else { c }
    };
    text.chars().map(one).collect()
}

/// A number written out: sign, digits before the point, digits after it, without needless zeros.
pub fn number(text: &str) -> Option<(bool, String, String)> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || mantissa.ends_with('.') {
        return None;
    }
    if (whole.len() > 1 && whole.starts_with('0')) || exponent.abs() > 100 {
        return None;
    }
    let (mut whole, mut fraction) = (whole.to_owned(), fraction.to_owned());
    for _ in 0..exponent {
        whole.push(if fraction.is_empty() { '0' } else { fraction.remove(0) });
    }
    for _ in exponent..0 {
        fraction.insert(0, whole.pop().unwrap_or('0'));
    }
    let (whole, fraction) = (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned());
    let zero = whole.is_empty() && fraction.is_empty();
    Some((negative && !zero, whole, fraction))
}

/// -1, 0 or 1, as the left number is smaller than, equal to or greater than the right one.
pub fn compare(left: &str, right: &str) -> Option<i32> {
    let (l, r) = (number(left)?, number(right)?);
    let magnitude = |n: &(bool, String, String)| (n.1.len(), n.1.clone(), n.2.clone());
    let order = match (l.0, r.0) {
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        (false, false) => magnitude(&l).cmp(&magnitude(&r)),
        (true, true) => magnitude(&r).cmp(&magnitude(&l)),
    };
    Some(match order {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    })
}

/// Sigma's wildcards over characters, tried in every way.
pub fn glob(pattern: &[Option<char>], stars: &[bool], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((_, rest)), _) if stars[0] => {
            glob(rest, &stars[1..], text) || (!text.is_empty() && glob(pattern, stars, &text[1..]))
        }
        (Some((wanted, rest)), Some((c, left))) => {
            wanted.is_none_or(|wanted| wanted == *c) && glob(rest, &stars[1..], left)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}
