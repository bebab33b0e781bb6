//! The pages: what stands around them, what they refuse, and page by page what they show.

mod actions;
mod activity;
mod audit;
mod case;
mod connections;
mod contacts;
mod customers;
mod doors;
mod frame;
mod guide;
mod hostile;
mod lists;
mod live;
mod looks;
mod notices;
mod policies;
mod today;

use crate::world::{Answer, Ask, Person, World};

/// A page as a browser asks for it.
pub(crate) fn page<'a>(world: &'a World, path: &str, by: &Person) -> Ask<'a> {
    world.get(path).by(by).header("accept", "text/html")
}

/// A page in a language.
pub(crate) async fn read(world: &World, path: &str, by: &Person, language: &str) -> Answer {
    page(world, path, by).header("accept-language", language).send().await
}

/// The token that a page's forms carry.
pub(crate) fn csrf(page: &Answer) -> String {
    value_of(page, "csrf")
}

/// The value of the first hidden field with a name.
pub(crate) fn value_of(page: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.text.split(&mark).nth(1).unwrap_or_else(|| panic!("no field {name} in {}", page.text));
    rest.split('"').next().unwrap().to_owned()
}

/// Sends a form as a browser does.
pub(crate) async fn send(world: &World, path: &str, by: &Person, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    let ask = world.post(path).by(by).header("accept", "text/html");
    ask.text("application/x-www-form-urlencoded", &body.join("&")).send().await
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
