//! Words that a policy makes up, such as names of stories and playbooks: those of the shipped policy have a text in
//! both languages, others are shown as they are written.

use super::page::Page;

/// A word with its text, or as it is.
fn word(page: &Page, kind: &str, word: &str) -> String {
    let key = format!("{kind}-{}", word.replace('_', "-"));
    let text = page.t(&key);
    if text == key { word.to_owned() } else { text }
}

/// What a case is about.
pub(crate) fn story(page: &Page, story: &str) -> String {
    word(page, "story", story)
}

/// What a plan of steps does.
pub(crate) fn playbook(page: &Page, playbook: &str) -> String {
    word(page, "playbook", playbook)
}
