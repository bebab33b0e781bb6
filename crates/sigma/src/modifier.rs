//! Compiling one line of a selection, `field|modifier|modifier: values`, into a test.
//! Every modifier of Sigma 2.1; anything else is refused with a hint.

use std::collections::BTreeMap;

use regex::RegexBuilder;

use crate::encoding::{Utf16, base64, base64_offsets, utf16};
use crate::number::Number;
use crate::pattern::{MAX_WILDCARDS, Pattern, Piece, literal, pieces};
use crate::refusal::{Code, Fault, Said};
use crate::test::{FieldId, Item, Order, RefKind, Test, TimePart};
use crate::yaml::{Node, Scalar};

/// The most values one line may have, placeholders written out.
pub const MAX_VALUES: usize = 50_000;
/// The largest compiled regular expression.
pub const MAX_REGEX_BYTES: usize = 1 << 18;

const MODIFIERS: &str = "contains, startswith, endswith, all, exists, cased, neq, windash, re, i, m, s, base64, base64offset, utf16le, wide, utf16be, utf16, lt, lte, gt, gte, minute, hour, day, week, month, year, cidr, expand, fieldref";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrap {
    Whole,
    Contains,
    Starts,
    Ends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encode {
    Utf16(Utf16),
    Base64,
    Base64Offset,
}

/// The modifiers of one line, understood.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is the presence of one modifier of the specification")]
struct Chain {
    wrap: Wrap,
    encodings: Vec<Encode>,
    all: bool,
    exists: bool,
    cased: bool,
    neq: bool,
    windash: bool,
    regex: bool,
    flags: Vec<char>,
    order: Option<Order>,
    time: Option<TimePart>,
    cidr: bool,
    expand: bool,
    fieldref: bool,
}

impl Chain {
    fn parse<'m>(modifiers: impl Iterator<Item = &'m str>) -> Result<Self, Fault> {
        let mut chain = Self {
            wrap: Wrap::Whole,
            encodings: Vec::new(),
            all: false,
            exists: false,
            cased: false,
            neq: false,
            windash: false,
            regex: false,
            flags: Vec::new(),
            order: None,
            time: None,
            cidr: false,
            expand: false,
            fieldref: false,
        };
        for modifier in modifiers {
            chain.take(modifier)?;
        }
        chain.check()?;
        Ok(chain)
    }

    fn take(&mut self, modifier: &str) -> Result<(), Fault> {
        match modifier {
            "contains" => self.wrap(Wrap::Contains)?,
            "startswith" => self.wrap(Wrap::Starts)?,
            "endswith" => self.wrap(Wrap::Ends)?,
            "all" => self.all = true,
            "exists" => self.exists = true,
            "cased" => self.cased = true,
            "neq" => self.neq = true,
            "windash" => self.windash = true,
            "re" => self.regex = true,
            "i" | "ignorecase" => self.flags.push('i'),
            "m" | "multiline" => self.flags.push('m'),
            "s" | "dotall" => self.flags.push('s'),
            "base64" => self.encodings.push(Encode::Base64),
            "base64offset" => self.encodings.push(Encode::Base64Offset),
            "utf16le" | "wide" => self.encodings.push(Encode::Utf16(Utf16::Little)),
            "utf16be" => self.encodings.push(Encode::Utf16(Utf16::Big)),
            "utf16" => self.encodings.push(Encode::Utf16(Utf16::Marked)),
            "lt" => self.order(Order::Lt)?,
            "lte" => self.order(Order::Lte)?,
            "gt" => self.order(Order::Gt)?,
            "gte" => self.order(Order::Gte)?,
            "minute" => self.time = Some(TimePart::Minute),
            "hour" => self.time = Some(TimePart::Hour),
            "day" => self.time = Some(TimePart::Day),
            "week" => self.time = Some(TimePart::Week),
            "month" => self.time = Some(TimePart::Month),
            "year" => self.time = Some(TimePart::Year),
            "cidr" => self.cidr = true,
            "expand" => self.expand = true,
            "fieldref" => self.fieldref = true,
            other => {
                return Err(Fault::new(Code::ModifierUnknown).with("word", other).with("known", MODIFIERS));
            }
        }
        Ok(())
    }

    fn wrap(&mut self, wrap: Wrap) -> Result<(), Fault> {
        if self.wrap != Wrap::Whole && self.wrap != wrap {
            return Err(Fault::new(Code::PlacesExclude));
        }
        self.wrap = wrap;
        Ok(())
    }

    fn order(&mut self, order: Order) -> Result<(), Fault> {
        if self.order.is_some() {
            return Err(Fault::new(Code::OrdersExclude));
        }
        self.order = Some(order);
        Ok(())
    }

    fn check(&self) -> Result<(), Fault> {
        let text = self.wrap != Wrap::Whole || !self.encodings.is_empty() || self.windash;
        let kinds = [self.regex, self.order.is_some() || self.time.is_some(), self.cidr, self.exists];
        if kinds.iter().filter(|k| **k).count() > 1 || (kinds.contains(&true) && text) {
            return Err(Fault::new(Code::ModifiersExclude));
        }
        if self.fieldref && (kinds.contains(&true) || !self.encodings.is_empty() || self.windash || self.expand) {
            return Err(Fault::new(Code::FieldrefAlone));
        }
        if !self.flags.is_empty() && !self.regex {
            return Err(Fault::new(Code::FlagsWithoutRe));
        }
        if self.exists && (self.all || self.neq || self.cased || self.expand) {
            return Err(Fault::new(Code::ExistsAlone));
        }
        Ok(())
    }
}

/// What compiling needs besides the line itself.
pub(crate) struct Compiler<'c> {
    /// Lists for `expand`.
    pub placeholders: &'c BTreeMap<String, Vec<String>>,
    /// Field names seen so far; a new one gets the next index.
    pub fields: &'c mut Vec<String>,
    /// Their indexes.
    pub field_ids: &'c mut BTreeMap<String, FieldId>,
    /// What is accepted with a remark.
    pub warnings: &'c mut Vec<Said>,
}

impl Compiler<'_> {
    pub(crate) fn field(&mut self, name: &str) -> FieldId {
        if let Some(id) = self.field_ids.get(name) {
            return *id;
        }
        let id = self.fields.len();
        self.fields.push(name.to_owned());
        self.field_ids.insert(name.to_owned(), id);
        id
    }

    /// Compiles `key: value`. An empty field name means keywords.
    pub(crate) fn item(&mut self, key: &Node, value: &Node) -> Result<Item, Fault> {
        let text = key.text().unwrap_or_default();
        let mut parts = text.split('|');
        let name = parts.next().unwrap_or_default();
        let chain = Chain::parse(parts).map_err(|fault| fault.at(key.at))?;
        if value.entries().is_some() || value.items().iter().any(|item| item.text().is_none()) {
            return Err(Fault::new(Code::FieldNoValue).with("field", name).at(value.at));
        }
        let values = value.items();
        let listed = matches!(value.kind, crate::yaml::Kind::List(_));
        if chain.all && values.len() < 2 && !chain.expand {
            return Err(Fault::new(Code::AllOfOne).at(key.at));
        }
        if listed && values.is_empty() {
            self.warnings.push(Said::new(Code::ListEmpty).with("field", name));
        }
        let field = (!name.is_empty()).then(|| self.field(name));
        let modifiers = text.split_once('|').map_or("", |(_, m)| m).to_owned();
        let mut item = Item {
            field,
            modifiers,
            values: Vec::new(),
            tests: Vec::new(),
            all: chain.all,
            neq: chain.neq,
            exists: None,
            least: 0,
            glance: std::sync::OnceLock::new(),
        };
        if chain.exists {
            let (1, Some(Scalar::Bool(wanted))) = (values.len(), values.first().and_then(Node::scalar)) else {
                return Err(Fault::new(Code::ExistsNoBool).at(value.at));
            };
            item.values.push(wanted.to_string());
            item.exists = Some(wanted);
            return Ok(item);
        }
        for node in values {
            self.value(node, &chain, &mut item, listed).map_err(|fault| fault.at(node.at))?;
            if item.tests.len() > MAX_VALUES {
                return Err(Fault::new(Code::TooManyValues).with("most", MAX_VALUES).at(node.at));
            }
        }
        item.least = crate::test::least(&item.tests);
        Ok(item)
    }

    fn value(&mut self, node: &Node, chain: &Chain, item: &mut Item, listed: bool) -> Result<(), Fault> {
        let Some(scalar) = node.scalar() else { return Ok(()) };
        if chain.expand {
            let Scalar::Text(text) = scalar else { return Err(Fault::new(Code::ExpandNoText)) };
            for text in expand(text, self.placeholders)? {
                item.tests.push(self.test(&Scalar::Text(&text), chain, item.field.is_none())?);
                item.values.push(text);
            }
            return Ok(());
        }
        if listed && scalar == Scalar::Null {
            self.warnings.push(Said::new(Code::NullInList));
        }
        item.tests.push(self.test(&scalar, chain, item.field.is_none())?);
        item.values.push(node.text().unwrap_or_default().to_owned());
        Ok(())
    }

    fn test(&mut self, scalar: &Scalar<'_>, chain: &Chain, keyword: bool) -> Result<Test, Fault> {
        let text = match scalar {
            Scalar::Null => String::new(),
            Scalar::Bool(flag) => flag.to_string(),
            Scalar::Number(number) => number.clone(),
            Scalar::Text(text) => (*text).to_owned(),
        };
        if chain.fieldref {
            return self.fieldref(scalar, &text, chain, keyword);
        }
        if chain.regex {
            return regex(&text, &chain.flags);
        }
        if chain.cidr {
            return cidr(&text);
        }
        if chain.order.is_some() || chain.time.is_some() {
            return comparison(&text, chain);
        }
        let plain = chain.wrap == Wrap::Whole && chain.encodings.is_empty() && !chain.windash && !keyword;
        match scalar {
            Scalar::Null if plain => return Ok(Test::Null),
            Scalar::Null => return Err(Fault::new(Code::NullInText)),
            Scalar::Bool(flag) if plain && !chain.cased => return Ok(Test::Bool(*flag)),
            Scalar::Number(_) if plain => {
                if let Some(number) = Number::parse(&text) {
                    return Ok(Test::Number(number));
                }
            }
            _ => {}
        }
        encoded(&text, chain, keyword)
    }

    fn fieldref(&mut self, scalar: &Scalar<'_>, text: &str, chain: &Chain, keyword: bool) -> Result<Test, Fault> {
        if keyword || !matches!(scalar, Scalar::Text(_)) {
            return Err(Fault::new(Code::FieldrefNoName));
        }
        let kind = match chain.wrap {
            Wrap::Whole => RefKind::Equals,
            Wrap::Contains => RefKind::Contains,
            Wrap::Starts => RefKind::Starts,
            Wrap::Ends => RefKind::Ends,
        };
        Ok(Test::FieldRef { kind, cased: chain.cased, field: self.field(text) })
    }
}

/// Applies encodings from left to right, then the wrapping.
fn encoded(text: &str, chain: &Chain, keyword: bool) -> Result<Test, Fault> {
    let cased = chain.cased || chain.encodings.iter().any(|e| !matches!(e, Encode::Utf16(_)));
    let mut forms: Vec<Form> = vec![Form::Pieces(pieces(text))];
    for encoding in &chain.encodings {
        let mut next = Vec::new();
        for form in forms {
            form.encode(*encoding, &mut next)?;
        }
        forms = next;
    }
    let wrap = if keyword && chain.wrap == Wrap::Whole { Wrap::Contains } else { chain.wrap };
    let mut tests = Vec::new();
    for form in forms {
        let mut pieces = form.into_pieces()?;
        if pieces.iter().filter(|piece| !matches!(piece, Piece::Text(_))).count() > MAX_WILDCARDS {
            return Err(Fault::new(Code::TooManyWildcards).with("most", MAX_WILDCARDS));
        }
        let number = literal(&pieces).filter(|_| wrap == Wrap::Whole).and_then(|text| Number::parse(&text));
        if matches!(wrap, Wrap::Contains | Wrap::Ends) && pieces.first() != Some(&Piece::Any) {
            pieces.insert(0, Piece::Any);
        }
        if matches!(wrap, Wrap::Contains | Wrap::Starts) && pieces.last() != Some(&Piece::Any) {
            pieces.push(Piece::Any);
        }
        tests.push(Test::Text(Pattern::new(&pieces, cased, chain.windash), number));
    }
    match tests.len() {
        1 => tests.pop().ok_or_else(|| Fault::new(Code::NoForm)),
        _ => Ok(Test::AnyOf(tests.into())),
    }
}

/// A value on its way through the encodings.
enum Form {
    Pieces(Vec<Piece>),
    Bytes(Vec<u8>),
}

impl Form {
    fn bytes(self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Pieces(pieces) => {
                literal(&pieces).map(String::into_bytes).ok_or_else(|| Fault::new(Code::WildcardEncoded))
            }
        }
    }

    fn encode(self, encoding: Encode, out: &mut Vec<Self>) -> Result<(), Fault> {
        let bytes = self.bytes()?;
        let text = |text: String| Self::Pieces(vec![Piece::Text(text)]);
        match encoding {
            Encode::Utf16(flavour) => {
                let plain = String::from_utf8(bytes).map_err(|_| Fault::new(Code::WideTwice))?;
                out.push(Self::Bytes(utf16(&plain, flavour)));
            }
            Encode::Base64 => out.push(text(base64(&bytes))),
            Encode::Base64Offset => out.extend(base64_offsets(&bytes).map(text)),
        }
        Ok(())
    }

    fn into_pieces(self) -> Result<Vec<Piece>, Fault> {
        match self {
            Self::Pieces(pieces) => Ok(pieces),
            Self::Bytes(bytes) => String::from_utf8(bytes)
                .map(|text| if text.is_empty() { Vec::new() } else { vec![Piece::Text(text)] })
                .map_err(|_| Fault::new(Code::WideAlone)),
        }
    }
}

fn regex(text: &str, flags: &[char]) -> Result<Test, Fault> {
    let built = RegexBuilder::new(text)
        .case_insensitive(flags.contains(&'i'))
        .multi_line(flags.contains(&'m'))
        .dot_matches_new_line(flags.contains(&'s'))
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES * 4)
        .nest_limit(64)
        .build();
    match built {
        Ok(regex) => Ok(Test::Regex(Box::new(regex))),
        Err(regex::Error::CompiledTooBig(_)) => Err(Fault::new(Code::RegexTooLarge)),
        Err(error) => {
            let reason = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Err(Fault::new(Code::RegexUnusable).with("reason", reason))
        }
    }
}

fn cidr(text: &str) -> Result<Test, Fault> {
    let wrong = || Fault::new(Code::NoNetwork).with("text", text);
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let network: std::net::IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if network.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => most,
        Some(p) => p.parse::<u8>().ok().filter(|p| *p <= most).ok_or_else(wrong)?,
    };
    Ok(Test::Cidr { network, prefix })
}

fn comparison(text: &str, chain: &Chain) -> Result<Test, Fault> {
    let number = Number::parse(text).ok_or_else(|| Fault::new(Code::NoNumber).with("text", text))?;
    let order = chain.order.unwrap_or(Order::Eq);
    match (chain.time, number) {
        (None, number) => Ok(Test::Order(order, number)),
        (Some(part), Number::Small(wanted)) => Ok(Test::Time(part, order, wanted)),
        (Some(_), Number::Wide(_)) => Err(Fault::new(Code::DatePartFraction)),
    }
}

/// Writes the placeholders of a value out, in every combination.
fn expand(text: &str, lists: &BTreeMap<String, Vec<String>>) -> Result<Vec<String>, Fault> {
    let mut out = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, after) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        if let Some(kept) = before.strip_suffix('\\') {
            for form in &mut out {
                form.push_str(kept);
                form.push('%');
            }
            rest = after;
            continue;
        }
        let Some((name, tail)) = after.split_once('%') else {
            return Err(Fault::new(Code::PlaceholderOpen));
        };
        let list = lists.get(name).filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| Fault::new(Code::PlaceholderUnknown).with("name", name))?;
        out = out.iter().flat_map(|form| list.iter().map(move |value| format!("{form}{before}{value}"))).collect();
        if out.len() > MAX_VALUES {
            return Err(Fault::new(Code::PlaceholdersTooMany).with("most", MAX_VALUES));
        }
        rest = tail;
    }
    for form in &mut out {
        form.push_str(rest);
    }
    Ok(out)
}
