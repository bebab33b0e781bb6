//! The one way data leave the program: as a table for people, as JSON, or as one JSON object a line.
//! JSON keys are those of the REST interface.

use crate::cli::Output;
use crate::console::Console;
use crate::paint::Paint;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// The width of a table that does not go to a terminal.
const WIDTH_WITHOUT_TERMINAL: u16 = 120;

/// A column: its heading's key, and what stands in it for an item.
pub(crate) struct Column {
    /// The key of its heading.
    pub(crate) heading: &'static str,
    /// The cell of an item.
    pub(crate) cell: fn(&Value) -> String,
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
                    let cell = (column.cell)(item);
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
        table.set_header(columns.iter().map(|column| self.text(column.heading, &[])));
        for item in items {
            table.add_row(columns.iter().map(|column| (column.cell)(item)));
        }
        self.line(&tidy(&table))
    }
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(WIDTH_WITHOUT_TERMINAL);
    }
    table
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
    use super::{at, money_at};
    use serde_json::json;

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
