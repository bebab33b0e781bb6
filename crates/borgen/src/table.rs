//! The one way data leave the program: as a table for people, as JSON, or as one JSON object a line.
//! JSON keys are those of the REST interface.

use crate::cli::Output;
use crate::console::Console;
use crate::paint::Paint;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use serde_json::Value;

/// The width of a table that does not go to a terminal, unless `COLUMNS` says another.
const WIDTH_WITHOUT_TERMINAL: u16 = 120;
/// An id of this many characters or fewer is never broken over two lines, so that it can be copied into the next command.
const MAX_UNBROKEN: usize = 80;
/// The fewest characters of an id.
const MIN_ID: usize = 36;
/// Of a longer word than this only so much is kept in one piece.
const MAX_WORD: usize = 18;

/// A column: its heading's key, and what stands in it for an item.
pub(crate) struct Column {
    /// The key of its heading.
    pub(crate) heading: &'static str,
    /// The cell of an item.
    pub(crate) cell: fn(&Value, &Console) -> String,
}

impl Console {
    /// Shows a list.
    pub(crate) fn list(&self, items: &[Value], columns: &[Column]) -> anyhow::Result<()> {
        match self.output {
            Output::Json => self.line(&serde_json::to_string_pretty(&serde_json::json!({"value": items}))?),
            Output::Jsonl => items.iter().try_for_each(|item| self.line(&item.to_string())),
            Output::Table => self.rows(items, columns),
        }
    }

    /// Shows one thing: in a table, a line for each of the columns.
    pub(crate) fn one(&self, item: &Value, columns: &[Column]) -> anyhow::Result<()> {
        match self.output {
            Output::Json => self.line(&serde_json::to_string_pretty(item)?),
            Output::Jsonl => self.line(&item.to_string()),
            Output::Table => {
                let mut table = bare();
                for column in columns {
                    let cell = (column.cell)(item, self);
                    if !cell.is_empty() {
                        table.add_row([self.painted(Paint::Strong, &self.text(column.heading, &[])), cell]);
                    }
                }
                self.line(&tidy(&table))
            }
        }
    }

    fn rows(&self, items: &[Value], columns: &[Column]) -> anyhow::Result<()> {
        if items.is_empty() {
            self.say("list-empty", &[]);
            return Ok(());
        }
        let mut table = bare();
        let headings: Vec<String> = columns.iter().map(|column| self.text(column.heading, &[])).collect();
        table.set_header(&headings);
        for item in items {
            table.add_row(columns.iter().map(|column| (column.cell)(item, self)));
        }
        keep_words_whole(self, &mut table, &headings, items, columns);
        self.line(&tidy(&table))
    }
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        let wanted = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        table.set_width(wanted.unwrap_or(WIDTH_WITHOUT_TERMINAL));
    }
    table
}

/// Keeps ids and short words whole: a table that is wider than the terminal is a lesser evil than an id that can't be
/// copied, or than words written downwards.
fn keep_words_whole(console: &Console, table: &mut Table, headings: &[String], items: &[Value], columns: &[Column]) {
    const PADDING: usize = 2;
    for (index, column) in columns.iter().enumerate() {
        let cells = items.iter().map(|item| (column.cell)(item, console)).chain(headings.get(index).cloned());
        let widest = cells.map(|cell| if is_id(&cell) { cell.len() } else { longest_word(&cell) }).max().unwrap_or(0);
        if let (Ok(width), Some(shown)) = (u16::try_from(widest + PADDING), table.column_mut(index)) {
            shown.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
    }
}

fn longest_word(cell: &str) -> usize {
    cell.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0).min(MAX_WORD)
}

/// Whether a cell is one id: of an account, a case, an alert, or a hash.
fn is_id(cell: &str) -> bool {
    (MIN_ID..=MAX_UNBROKEN).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn tidy(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// The text at a path of keys, as in `customer.name`; empty when there is none.
pub(crate) fn at(item: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(item, |value, key| value.get(key));
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Money at a path of keys, as `SEK 41,200.00` would be written by machines: `41200.00 SEK`.
pub(crate) fn money_at(item: &Value, path: &str) -> String {
    let (amount, currency) = (at(item, &format!("{path}.amount")), at(item, &format!("{path}.currency")));
    if amount.is_empty() { String::new() } else { format!("{amount} {currency}") }
}

#[cfg(test)]
mod tests {
    use super::{Column, Console, at, bare, is_id, keep_words_whole, money_at};
    use serde_json::json;

    #[test]
    fn an_id_is_never_broken_however_narrow_the_table_is() {
        let columns = [
            Column { heading: "a", cell: |item, _| at(item, "id") },
            Column { heading: "b", cell: |item, _| at(item, "text") },
        ];
        let items =
            [json!({"id": "a598c223-3673-8581-a33d-c920d1173122", "text": "many words that may well be broken"})];
        let mut table = bare();
        table.set_width(40);
        let console = Console::new(&crate::cli::Globals::default());
        table.add_row(columns.iter().map(|column| (column.cell)(&items[0], &console)));
        assert!(
            !table.to_string().contains("a598c223-3673-8581-a33d-c920d1173122"),
            "the table is too wide for the test"
        );
        keep_words_whole(&console, &mut table, &["a".to_owned(), "b".to_owned()], &items, &columns);
        assert!(table.to_string().contains("a598c223-3673-8581-a33d-c920d1173122"));
        assert!(table.to_string().contains("broken"), "a word was written downwards");
        assert!(!is_id("many words that may well be broken, and more"));
    }

    #[test]
    fn what_is_not_there_is_an_empty_cell() {
        let item = json!({"customer": {"name": "Åkeri", "id": 7}, "perHour": {"amount": "12.50", "currency": "SEK"}, "owner": null});
        assert_eq!(at(&item, "customer.name"), "Åkeri");
        assert_eq!(at(&item, "customer.id"), "7");
        assert_eq!(at(&item, "owner"), "");
        assert_eq!(at(&item, "customer.name.first"), "");
        assert_eq!(money_at(&item, "perHour"), "12.50 SEK");
        assert_eq!(money_at(&item, "atStake"), "");
    }
}
