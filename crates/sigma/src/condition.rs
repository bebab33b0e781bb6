//! The condition grammar: `selection and not 1 of filter_*`, with its positions.
//! It yields a tree over selection names; old aggregation is refused with a hint.

use crate::refusal::{Code, Fault, Said};

/// The longest condition.
pub const MAX_CONDITION_BYTES: usize = 16_384;
/// The deepest nesting of parentheses and `not`.
pub const MAX_CONDITION_DEPTH: usize = 64;

/// A condition over selections, which are named by their index.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// One selection.
    Selection(usize),
    /// All must hold.
    And(Vec<Condition>),
    /// Any must hold.
    Or(Vec<Condition>),
    /// Must not hold.
    Not(Box<Condition>),
    /// At least so many of the selections must hold.
    AtLeast(usize, Vec<usize>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Word(String),
}

/// Parses a condition. `names` are the selections of the rule, in order.
/// Warnings are pushed for what is accepted but not in the specification.
///
/// # Errors
/// Returns the column (from 0, in characters) within `text` and what is wrong.
pub(crate) fn parse(text: &str, names: &[String], warnings: &mut Vec<Said>) -> Result<Condition, (usize, Fault)> {
    if text.len() > MAX_CONDITION_BYTES {
        return Err((0, Fault::new(Code::ConditionTooLong).with("most", MAX_CONDITION_BYTES)));
    }
    let tokens = tokens(text)?;
    let mut parser = Grammar { tokens: &tokens, at: 0, depth: 0, names, warnings, end: text.chars().count() };
    let condition = parser.or()?;
    match parser.peek() {
        None => Ok(condition),
        Some((Token::Close, column)) => Err((*column, Fault::new(Code::CloseWithoutOpen))),
        Some((token, column)) => Err((*column, unexpected(token))),
    }
}

fn unexpected(token: &Token) -> Fault {
    match token {
        Token::Word(word) if ["AND", "OR", "NOT", "OF"].contains(&word.as_str()) => {
            Fault::new(Code::OperatorCase).with("word", word).with("lower", word.to_lowercase())
        }
        Token::Word(word) => Fault::new(Code::WordMisplaced).with("word", word),
        Token::Open => Fault::new(Code::OpenMisplaced),
        Token::Close => Fault::new(Code::CloseMisplaced),
    }
}

fn tokens(text: &str) -> Result<Vec<(Token, usize)>, (usize, Fault)> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    for (column, c) in text.chars().chain(std::iter::once(' ')).enumerate() {
        let special = match c {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '|' => {
                return Err((column, Fault::new(Code::OldAggregation)));
            }
            c if c.is_whitespace() => None,
            c if c.is_alphanumeric() || matches!(c, '_' | '*' | '-' | '.' | '?') => {
                if word.is_empty() {
                    start = column;
                }
                word.push(c);
                continue;
            }
            c => return Err((column, Fault::new(Code::CharacterUnknown).with("character", c))),
        };
        if !word.is_empty() {
            out.push((Token::Word(std::mem::take(&mut word)), start));
        }
        out.extend(special.map(|token| (token, column)));
    }
    Ok(out)
}

struct Grammar<'g> {
    tokens: &'g [(Token, usize)],
    at: usize,
    depth: usize,
    names: &'g [String],
    warnings: &'g mut Vec<Said>,
    end: usize,
}

type Parsed = Result<Condition, (usize, Fault)>;

impl Grammar<'_> {
    fn peek(&self) -> Option<&(Token, usize)> {
        self.tokens.get(self.at)
    }

    fn is(&self, offset: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(self.at + offset), Some((Token::Word(word), _)) if word == wanted)
    }

    fn or(&mut self) -> Parsed {
        let mut parts = vec![self.and()?];
        while self.is(0, "or") {
            self.at += 1;
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Or(parts) })
    }

    fn and(&mut self) -> Parsed {
        let mut parts = vec![self.not()?];
        while self.is(0, "and") {
            self.at += 1;
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::And(parts) })
    }

    fn not(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_CONDITION_DEPTH {
            return Err((0, Fault::new(Code::ConditionTooDeep).with("most", MAX_CONDITION_DEPTH)));
        }
        let parsed = if self.is(0, "not") {
            self.at += 1;
            self.not().map(|inner| Condition::Not(Box::new(inner)))
        } else {
            self.unit()
        };
        self.depth -= 1;
        parsed
    }

    fn unit(&mut self) -> Parsed {
        let end = self.end;
        let Some((token, column)) = self.peek().cloned() else {
            return Err((end, Fault::new(Code::ConditionEnds)));
        };
        match token {
            Token::Open => {
                self.at += 1;
                let inner = self.or()?;
                if !matches!(self.peek(), Some((Token::Close, _))) {
                    return Err((column, Fault::new(Code::OpenWithoutClose)));
                }
                self.at += 1;
                Ok(inner)
            }
            Token::Word(word) if self.is(1, "of") => self.quantified(&word, column),
            Token::Word(word) => {
                let Some(index) = self.names.iter().position(|name| *name == word) else {
                    return Err((column, self.unknown(&word)));
                };
                self.at += 1;
                Ok(Condition::Selection(index))
            }
            Token::Close => Err((column, unexpected(&Token::Close))),
        }
    }

    fn unknown(&self, word: &str) -> Fault {
        if ["AND", "OR", "NOT", "and", "or", "not", "of"].contains(&word) {
            return unexpected(&Token::Word(word.to_owned()));
        }
        if word.contains('*') {
            return Fault::new(Code::PatternAlone).with("word", word);
        }
        Fault::new(Code::SelectionUnknown).with("word", word).with("known", self.names.join(", "))
    }

    fn quantified(&mut self, quantity: &str, column: usize) -> Parsed {
        self.at += 2;
        let end = self.end;
        let Some((Token::Word(pattern), pattern_column)) = self.peek().cloned() else {
            return Err((end, Fault::new(Code::OfWhat)));
        };
        self.at += 1;
        let members = self.members(&pattern);
        let every = quantity == "all";
        let count = match quantity {
            "all" => members.len(),
            "1" => 1,
            "any" => {
                self.warnings.push(Said::new(Code::AnyOf));
                1
            }
            number => {
                let count = number.parse::<usize>().ok().filter(|n| *n > 0);
                let Some(count) = count else {
                    return Err((column, Fault::new(Code::QuantityUnknown).with("word", number)));
                };
                self.warnings.push(Said::new(Code::CountOf).with("count", count));
                count
            }
        };
        if members.is_empty() {
            if every || count > 1 {
                let fault = Fault::new(Code::PatternOfNothing).with("pattern", pattern).with("quantity", quantity);
                return Err((pattern_column, fault.with("known", self.names.join(", "))));
            }
            self.warnings.push(Said::new(Code::PatternNeverTrue).with("pattern", pattern));
            return Ok(Condition::Or(Vec::new()));
        }
        if count > members.len() {
            return Err((
                column,
                Fault::new(Code::QuantityTooLarge)
                    .with("quantity", quantity)
                    .with("pattern", pattern)
                    .with("count", members.len()),
            ));
        }
        let each = |members: Vec<usize>| members.into_iter().map(Condition::Selection).collect();
        Ok(if every {
            Condition::And(each(members))
        } else if count == 1 {
            Condition::Or(each(members))
        } else {
            Condition::AtLeast(count, members)
        })
    }

    /// Selections matching a pattern; `them` and patterns leave out names that begin with `_`.
    fn members(&self, pattern: &str) -> Vec<usize> {
        let wanted: Vec<_> = crate::pattern::pieces(if pattern == "them" { "*" } else { pattern });
        let test = crate::pattern::Pattern::new(&wanted, true, false);
        let hidden = !pattern.starts_with('_');
        self.names
            .iter()
            .enumerate()
            .filter(|(_, name)| !(hidden && name.starts_with('_')) && test.matches(name, name))
            .map(|(at, _)| at)
            .collect()
    }
}
