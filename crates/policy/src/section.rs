//! A table of a policy file, read key by key. What is missing, of another kind, out of bounds or unknown is noted
//! as a problem and reading goes on, so that one run tells all there is to mend.

use crate::document::{Document, Placed};
use crate::suggestion::hint;
use jiff::SignedDuration;
use money::{Currency, Money};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The longest span of time a policy can name.
const MAX_HOURS: i64 = 366 * 24;
/// The most elements of one list.
const MAX_ELEMENTS: usize = 10_000;

/// A table of a policy file.
pub(crate) struct Section<'d, 'i> {
    document: &'d Document<'i>,
    table: &'d DeTable<'i>,
    place: Range<usize>,
    name: String,
    asked: RefCell<BTreeSet<String>>,
}

impl<'d, 'i> Section<'d, 'i> {
    pub(crate) fn new(document: &'d Document<'i>, table: &'d DeTable<'i>, place: Range<usize>, name: String) -> Self {
        Self { document, table, place, name, asked: RefCell::default() }
    }

    /// Where the section begins.
    pub(crate) const fn place(&self) -> &Range<usize> {
        &self.place
    }

    /// Notes a problem at a place.
    pub(crate) fn problem(&self, place: &Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.document.problem(place, message, hint);
    }

    /// Notes every key that nobody asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.borrow();
        let known: Vec<&str> = asked.iter().map(String::as_str).collect();
        for key in self.table.keys().filter(|key| !asked.contains(key.get_ref().as_ref())) {
            let message = format!("unknown key `{}`{}", key.get_ref(), self.within());
            self.problem(&key.span(), message, hint(key.get_ref(), &known));
        }
    }

    /// The keys of a table whose keys are names, as in a list of prices.
    pub(crate) fn keys(&self) -> Vec<Placed<String>> {
        let placed =
            |key: &Spanned<DeString<'i>>| Placed { value: key.get_ref().clone().into_owned(), place: key.span() };
        self.table.keys().take(MAX_ELEMENTS).map(placed).collect()
    }

    /// A table of its own, as in `[answers]`.
    pub(crate) fn section(&self, key: &str) -> Option<Section<'d, 'i>> {
        let value = self.wanted(key, "a table")?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(self.document, table, value.span(), format!("[{key}]"))),
            other => self.another_kind(value, key, "a table", other),
        }
    }

    /// A table of its own that may be missing.
    pub(crate) fn optional_section(&self, key: &str) -> Option<Section<'d, 'i>> {
        self.asked_for(key)?;
        self.section(key)
    }

    /// A list of tables, as in `[[band]]`; missing is empty and noted.
    pub(crate) fn sections(&self, key: &str) -> Vec<Section<'d, 'i>> {
        self.wanted(key, "a list of tables").map_or_else(Vec::new, |value| self.tables(key, value))
    }

    /// A list of tables that may be missing.
    pub(crate) fn optional_sections(&self, key: &str) -> Vec<Section<'d, 'i>> {
        self.asked_for(key).map_or_else(Vec::new, |value| self.tables(key, value))
    }

    fn tables(&self, key: &str, value: &'d Spanned<DeValue<'i>>) -> Vec<Section<'d, 'i>> {
        let elements: &'d [Spanned<DeValue<'i>>] = match value.get_ref() {
            DeValue::Array(elements) => elements,
            other => {
                self.another_kind::<()>(value, key, "a list of tables", other);
                return Vec::new();
            }
        };
        let table = |element: &'d Spanned<DeValue<'i>>| match element.get_ref() {
            DeValue::Table(table) => Some(Section::new(self.document, table, element.span(), format!("[[{key}]]"))),
            other => self.another_kind(element, key, "a table", other),
        };
        elements.iter().take(MAX_ELEMENTS).filter_map(table).collect()
    }

    /// A text that has to be there.
    pub(crate) fn text(&self, key: &str) -> Option<Placed<String>> {
        self.placed_text(key, self.wanted(key, "a text")?)
    }

    /// A text that may be missing.
    pub(crate) fn optional_text(&self, key: &str) -> Option<Placed<String>> {
        self.placed_text(key, self.asked_for(key)?)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.wanted(key, "`true` or `false`")?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.another_kind(value, key, "`true` or `false`", other),
        }
    }

    /// A whole number from 1 to `most`.
    pub(crate) fn count(&self, key: &str, most: u32) -> Option<u32> {
        let value = self.wanted(key, "a whole number")?;
        let DeValue::Integer(number) = value.get_ref() else {
            return self.another_kind(value, key, "a whole number", value.get_ref());
        };
        let count = u32::from_str_radix(number.as_str(), number.radix()).ok();
        let inside = count.filter(|count| (1..=most).contains(count));
        if inside.is_none() {
            self.problem(&value.span(), format!("`{key}` is {number}: it has to be from 1 to {most}"), None);
        }
        inside
    }

    /// A span of time above zero, as in `10 min`.
    pub(crate) fn duration(&self, key: &str) -> Option<Placed<SignedDuration>> {
        let text = self.placed_text(key, self.wanted(key, "a span of time")?)?;
        let hint = || Some("write it as in `90 s`, `10 min`, `1 h 30 min` or `24 h`".to_owned());
        let Ok(span) = text.value.parse::<SignedDuration>() else {
            self.problem(&text.place, format!("`{}` is no span of time", text.value), hint());
            return None;
        };
        if span <= SignedDuration::ZERO || span > SignedDuration::from_hours(MAX_HOURS) {
            let message = format!("`{key}` is {}: it has to be above zero and at most {MAX_HOURS} h", text.value);
            self.problem(&text.place, message, None);
            return None;
        }
        Some(Placed { value: span, place: text.place })
    }

    /// An amount above zero with its currency, as in `2500.00 SEK`.
    pub(crate) fn money(&self, key: &str) -> Option<Placed<Money>> {
        let text = self.placed_text(key, self.wanted(key, "an amount")?)?;
        self.amount_of(key, text)
    }

    /// An amount that may be missing.
    pub(crate) fn optional_money(&self, key: &str) -> Option<Placed<Money>> {
        let text = self.placed_text(key, self.asked_for(key)?)?;
        self.amount_of(key, text)
    }

    /// An amount above zero of a currency that the file names once, as in `12.50`.
    pub(crate) fn amount(&self, key: &str, currency: Currency) -> Option<Placed<Money>> {
        let text = self.text(key)?;
        let money = Money::parse(&text.value, currency).ok().filter(|money| money.minor > 0);
        if money.is_none() {
            let hint = Some("write digits and a full stop, as in `12.50`".to_owned());
            self.problem(&text.place, format!("`{}` is no amount above zero of {currency}", text.value), hint);
        }
        Some(Placed { value: money?, place: text.place })
    }

    /// A currency code.
    pub(crate) fn currency(&self, key: &str) -> Option<Placed<Currency>> {
        let text = self.placed_text(key, self.wanted(key, "a currency")?)?;
        match Currency::parse(&text.value) {
            Ok(value) => Some(Placed { value, place: text.place }),
            Err(error) => {
                self.problem(&text.place, error.to_string(), None);
                None
            }
        }
    }

    /// A list of texts, each with its place.
    pub(crate) fn texts(&self, key: &str) -> Option<Vec<Placed<String>>> {
        let value = self.wanted(key, "a list of texts")?;
        let DeValue::Array(elements) = value.get_ref() else {
            return self.another_kind(value, key, "a list of texts", value.get_ref());
        };
        if elements.len() > MAX_ELEMENTS {
            self.problem(&value.span(), format!("`{key}` has more than {MAX_ELEMENTS} elements"), None);
            return None;
        }
        elements.iter().map(|element| self.placed_text(key, element)).collect()
    }

    /// One of some known words.
    pub(crate) fn word<T: Copy>(&self, key: &str, known: &[(&'static str, T)]) -> Option<Placed<T>> {
        let text = self.text(key)?;
        self.known(key, &text, known)
    }

    /// A list of known words.
    pub(crate) fn words<T: Copy>(&self, key: &str, known: &[(&'static str, T)]) -> Option<Vec<Placed<T>>> {
        let texts = self.texts(key)?;
        // Every unknown word is noted, not only the first.
        let words: Vec<_> = texts.iter().map(|text| self.known(key, text, known)).collect();
        words.into_iter().collect()
    }

    fn known<T: Copy>(&self, key: &str, text: &Placed<String>, known: &[(&'static str, T)]) -> Option<Placed<T>> {
        let found = known.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
            self.problem(&text.place, format!("`{}` is not known in `{key}`", text.value), hint(&text.value, &words));
        }
        found.map(|(_, value)| Placed { value: *value, place: text.place.clone() })
    }

    fn amount_of(&self, key: &str, text: Placed<String>) -> Option<Placed<Money>> {
        let refused = |message: String| {
            let hint = Some("write digits, a full stop and the currency, as in `2500.00 SEK`".to_owned());
            self.problem(&text.place, message, hint);
            None
        };
        let Some((amount, code)) = text.value.split_once(' ') else {
            return refused(format!("`{}` is no amount with a currency", text.value));
        };
        let money = match Currency::parse(code).and_then(|currency| Money::parse(amount, currency)) {
            Ok(money) => money,
            Err(error) => return refused(error.to_string()),
        };
        if money.minor <= 0 {
            return refused(format!("`{key}` is {}: it has to be above zero", text.value));
        }
        let money = Placed { value: money, place: text.place };
        self.document.amount(money.clone());
        Some(money)
    }

    fn placed_text(&self, key: &str, value: &Spanned<DeValue<'i>>) -> Option<Placed<String>> {
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.problem(&value.span(), format!("`{key}` is empty"), None);
                None
            }
            DeValue::String(text) => Some(Placed { value: text.clone().into_owned(), place: value.span() }),
            other => self.another_kind(value, key, "a text in quotation marks", other),
        }
    }

    /// Looks a key up and remembers that it is known.
    fn asked_for(&self, key: &str) -> Option<&'d Spanned<DeValue<'i>>> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.table.get(key)
    }

    /// Looks a key up that has to be there.
    fn wanted(&self, key: &str, kind: &str) -> Option<&'d Spanned<DeValue<'i>>> {
        let value = self.asked_for(key);
        if value.is_none() {
            self.problem(&self.place, format!("`{key}` is missing{}: {kind} is wanted", self.within()), None);
        }
        value
    }

    fn another_kind<T>(&self, value: &Spanned<DeValue<'i>>, key: &str, wanted: &str, found: &DeValue<'i>) -> Option<T> {
        self.problem(&value.span(), format!("`{key}` is {}: {wanted} is wanted", kind_of(found)), None);
        None
    }

    fn within(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!(" in {}", self.name) }
    }
}

const fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
