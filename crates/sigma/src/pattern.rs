//! Sigma's string patterns: `*`, `?` and backslash escapes, compiled to the cheapest test.
//! Regular expressions, numbers and networks are elsewhere.

use crate::fold::{fold, unify_dashes};

/// The most wildcards one value may hold; a pattern with more is refused at load.
pub const MAX_WILDCARDS: usize = 64;

/// One piece of a string value as Sigma writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text to be found as it stands.
    Text(String),
    /// `*`: any run of characters, newlines included, also an empty one.
    Any,
    /// `?`: exactly one character.
    One,
}

/// Splits a value into pieces, following the escape rules of the specification:
/// `\*` and `\?` are literal, `\\` is one backslash, a single backslash elsewhere is itself.
#[must_use]
pub(crate) fn pieces(value: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.peek() {
                Some(next @ ('*' | '?' | '\\')) => {
                    text.push(*next);
                    chars.next();
                }
                _ => text.push('\\'),
            },
            '*' | '?' => {
                if !text.is_empty() {
                    out.push(Piece::Text(std::mem::take(&mut text)));
                }
                out.push(if c == '*' { Piece::Any } else { Piece::One });
            }
            _ => text.push(c),
        }
    }
    if !text.is_empty() {
        out.push(Piece::Text(text));
    }
    out
}

/// Returns the plain text of the pieces when they hold no wildcard.
#[must_use]
pub(crate) fn literal(pieces: &[Piece]) -> Option<String> {
    match pieces {
        [] => Some(String::new()),
        [Piece::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

/// A compiled test of one text value.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    shape: Shape,
    /// Compare letters as they are.
    pub(crate) cased: bool,
    /// Treat all dashes and the slash as one character.
    pub(crate) windash: bool,
}

#[derive(Debug, Clone)]
enum Shape {
    Equals(Box<str>),
    Contains(Box<memchr::memmem::Finder<'static>>),
    Starts(Box<str>),
    Ends(Box<str>),
    /// At least one `*` or `?` in the middle.
    Glob(Box<[Piece]>),
}

impl Pattern {
    /// Compiles pieces. Letters are folded now unless the pattern is `cased`.
    #[must_use]
    pub(crate) fn new(pieces: &[Piece], cased: bool, windash: bool) -> Self {
        let prepare = |text: &str| {
            let text = if windash { unify_dashes(text) } else { text.to_owned() };
            if cased { text } else { fold(&text) }
        };
        let prepared: Vec<Piece> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Piece::Text(prepare(text)),
                other => other.clone(),
            })
            .collect();
        let shape = match prepared.as_slice() {
            [] => Shape::Equals("".into()),
            [Piece::Any] => contains(""),
            [Piece::Text(text)] => Shape::Equals(text.as_str().into()),
            [Piece::Text(text), Piece::Any] => Shape::Starts(text.as_str().into()),
            [Piece::Any, Piece::Text(text)] => Shape::Ends(text.as_str().into()),
            [Piece::Any, Piece::Text(text), Piece::Any] => contains(text),
            _ => Shape::Glob(prepared.into()),
        };
        Self { shape, cased, windash }
    }

    /// The folded text when this pattern is a plain comparison without wildcards:
    /// such a value can be looked up in a table instead of being tested.
    #[must_use]
    pub(crate) fn exact(&self) -> Option<&str> {
        match &self.shape {
            Shape::Equals(text) if !self.cased && !self.windash => Some(text),
            _ => None,
        }
    }

    /// The fewest bytes a text must have to match: no letter folds into fewer characters.
    pub(crate) fn least(&self) -> usize {
        match &self.shape {
            Shape::Equals(text) | Shape::Starts(text) | Shape::Ends(text) => text.chars().count(),
            Shape::Contains(finder) => std::str::from_utf8(finder.needle()).map_or(0, |text| text.chars().count()),
            Shape::Glob(pieces) => {
                pieces.iter().map(|p| if let Piece::Text(text) = p { text.chars().count() } else { 0 }).sum()
            }
        }
    }

    /// The longest text that must occur in whatever matches, in lower case and of ASCII only.
    #[must_use]
    pub(crate) fn needle(&self) -> Option<String> {
        let text = match &self.shape {
            Shape::Equals(text) | Shape::Starts(text) | Shape::Ends(text) => text.to_string(),
            Shape::Contains(finder) => String::from_utf8(finder.needle().to_vec()).ok()?,
            Shape::Glob(pieces) => {
                let texts = pieces.iter().filter_map(|p| if let Piece::Text(text) = p { Some(text) } else { None });
                texts.max_by_key(|text| text.len())?.clone()
            }
        };
        (text.is_ascii() && !self.windash).then(|| text.to_ascii_lowercase())
    }

    /// Tests a text. `folded` must be the folded form of `raw`.
    #[must_use]
    pub(crate) fn matches(&self, raw: &str, folded: &str) -> bool {
        if self.windash {
            let text = unify_dashes(if self.cased { raw } else { folded });
            return self.test(&text);
        }
        self.test(if self.cased { raw } else { folded })
    }

    fn test(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Equals(wanted) => text == &**wanted,
            Shape::Contains(wanted) => wanted.find(text.as_bytes()).is_some(),
            Shape::Starts(wanted) => text.starts_with(&**wanted),
            Shape::Ends(wanted) => text.ends_with(&**wanted),
            Shape::Glob(pieces) => glob(pieces, text),
        }
    }
}

fn contains(text: &str) -> Shape {
    Shape::Contains(Box::new(memchr::memmem::Finder::new(text).into_owned()))
}

/// Matches greedily with one step back to the last `*`: time is bounded by
/// pieces × text, never exponential.
fn glob(pieces: &[Piece], text: &str) -> bool {
    let (mut rest, mut left) = (text, pieces);
    let mut star: Option<(&[Piece], &str)> = None;
    loop {
        let step = match left.split_first() {
            Some((Piece::Any, tail)) => {
                star = Some((tail, rest));
                left = tail;
                continue;
            }
            Some((Piece::One, tail)) => next_char(rest).map(|(_, after)| (tail, after)),
            Some((Piece::Text(wanted), tail)) => rest.strip_prefix(wanted.as_str()).map(|after| (tail, after)),
            None if rest.is_empty() => return true,
            None => None,
        };
        if let Some((tail, after)) = step {
            (left, rest) = (tail, after);
        } else {
            let Some((tail, from)) = star else { return false };
            let Some(from) = advance(tail, from) else { return false };
            star = Some((tail, from));
            (left, rest) = (tail, from);
        }
    }
}

/// Moves the start of the text after a `*` forward: to the next place where the text that
/// must follow occurs, or by one character.
fn advance<'t>(tail: &[Piece], from: &'t str) -> Option<&'t str> {
    let (_, after) = next_char(from)?;
    match tail.first() {
        Some(Piece::Text(wanted)) => {
            let at = memchr::memmem::find(after.as_bytes(), wanted.as_bytes())?;
            after.get(at..)
        }
        _ => Some(after),
    }
}

fn next_char(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    Some((c, chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(value: &str, text: &str) -> bool {
        Pattern::new(&pieces(value), false, false).matches(text, &fold(text))
    }

    #[test]
    fn backslashes_follow_the_specification() {
        for (value, text) in [
            (r"a\*", "a*"),
            (r"a\\b", r"a\b"),
            (r"a\b", r"a\b"),
            (r"a\\*", r"a\xyz"),
            (r"a\\\*", r"a\*"),
            (r"a\\\\b", r"a\\b"),
            (r"a\\\b", r"a\\b"),
            (r"a\?", "a?"),
        ] {
            assert!(matches(value, text), "{value} {text}");
        }
        assert!(!matches(r"a\*c", "abc"));
    }

    #[test]
    fn wildcards_span_newlines_and_count_characters() {
        assert!(matches("a*c", "a\nb\nc"));
        assert!(matches("?Ö?", "åöä"));
        assert!(!matches("?", ""));
        assert!(matches("*", ""));
        assert!(matches("*a*b*c", "xxaxxbxxc"));
        assert!(!matches("*a*b*c", "xxaxxbxx"));
        assert!(matches("a*b?d*f", "aXXbcbcdeef"));
    }

    #[test]
    fn a_hostile_pattern_stays_fast() {
        let value = "*a".repeat(30) + "*b";
        let text = "a".repeat(20_000);
        assert!(!matches(&value, &text));
    }
}
