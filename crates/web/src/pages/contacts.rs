//! Whom we speak with at a customer: the cards of its page, and the forms that write down a contact, a conversation, a
//! note. Each calls the very act that the interface for programs calls.

use super::customer::{self, Typed};
use super::form::{self, Form};
use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::body::{Ids, MAX_LABEL_CHARS, MAX_NOTE_CHARS, Sent};
use crate::cases::acts::Note;
use crate::contacts::{self, ContactView, NewCall, NewContact};
use crate::present::Personal;
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Response;
use domain::contacts::{Channel, ContactRole, ContactSource, Direction};
use domain::ids::AccountId;
use domain::permission::Permission as P;
use jiff::Timestamp;
use jiff::civil::DateTime;
use maud::{Markup, html};
use std::str::FromStr;

/// The longest number that is typed.
const MAX_NUMBER_CHARS: usize = 100;

/// The people with whom we speak.
pub(super) fn card(app: &App, page: &Page, account: AccountId, contacts: &[ContactView]) -> Markup {
    let may = page.session.caller.may(P::ContactWrite);
    html! {
        section.card aria-labelledby="contacts" {
            h2 id="contacts" { (page.t("contacts-title")) }
            @if contacts.is_empty() { p { (page.t("contacts-none")) } }
            @if !contacts.iter().any(|contact| contact.role == ContactRole::Security && contact.confirmed.is_some()) {
                p.late { (page.t("contacts-no-security")) }
            }
            ul.plain {
                @for contact in contacts {
                    li id={ "contact-" (contact.id) } {
                        strong { (pieces::personal(page, &contact.name)) } " · " (page.word("contact-role", contact.role.word()))
                        @for value in [&contact.phone, &contact.mail].into_iter().flatten() { br; (pieces::personal(page, value)) }
                        p.hint {
                            @match contact.confirmed {
                                Some(at) => { (page.t("contact-confirmed")) " " (pieces::time(page, at)) },
                                None => strong { (page.t("contact-unconfirmed")) },
                            }
                            " · " (page.word("contact-source", contact.source.word()))
                            @if let Some(at) = contact.last_call { " · " (page.t("contact-last-call")) " " (pieces::ago(page, at)) }
                        }
                        @if may {
                            form method="post" action={ "/customers/" (account) "/contacts/" (contact.id) "/remove" } {
                                (form::hidden(app, page))
                                button type="submit" { (page.t("contact-remove")) span.hidden { ": " (name_of(contact)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The name, where it can be read; else the id.
fn name_of(contact: &ContactView) -> String {
    match &contact.name {
        Personal::Open { value } => value.clone(),
        _ => contact.id.to_string(),
    }
}

/// The forms: a note, a conversation, a contact. The one that was refused is open, with what was typed.
pub(super) fn forms(app: &App, page: &Page, account: AccountId, contacts: &[ContactView], typed: &Typed) -> Markup {
    let to = |verb: &str| format!("/customers/{account}/{verb}");
    let is_open = |verb: &str| typed.verb == verb;
    let form = typed.of("note");
    html! {
        details.card open[is_open("note")] {
            summary { (page.t("customer-note")) }
            form method="post" action=(to("note")) {
                (form::hidden(app, page)) (form::problem(page, &form))
                (form::long_text(page, &form, "text", "customer-note-text", "note-hint", MAX_NOTE_CHARS))
                (pieces::button(page, "customer-note-send", "primary", P::ContactWrite))
            }
        }
        (call_form(app, page, &to("call"), contacts, &typed.of("call"), is_open("call")))
        (contact_form(app, page, &to("contact"), contacts, &typed.of("contact"), is_open("contact")))
    }
}

fn choices<T: Copy>(page: &Page, kind: &str, all: &[T], word: fn(T) -> &'static str) -> Vec<(&'static str, String)> {
    all.iter().map(|one| (word(*one), page.word(kind, word(*one)))).collect()
}

fn call_form(app: &App, page: &Page, to: &str, contacts: &[ContactView], form: &Form, open: bool) -> Markup {
    html! {
        details.card open[open] {
            summary { (page.t("call-title")) }
            form method="post" action=(to) {
                (form::hidden(app, page)) (form::problem(page, form))
                p.hint { (page.t("call-text")) }
                (form::choice(page, form, "channel", "call-channel", &choices(page, "channel", Channel::ALL, Channel::word)))
                (form::choice(page, form, "direction", "call-direction", &choices(page, "direction", Direction::ALL, Direction::word)))
                (form::text(page, form, "at", "call-at", "datetime-local", 40))
                (select(page, form, "contact", "call-contact", contacts))
                (form::text(page, form, "with", "call-with", "text", MAX_LABEL_CHARS))
                (form::text(page, form, "number", "call-number", "text", MAX_NUMBER_CHARS))
                (form::choice(page, form, "knownNumber", "call-known", &[("no", page.t("call-known-no")), ("yes", page.t("call-known-yes"))]))
                (form::long_text(page, form, "said", "call-said", "note-hint", MAX_NOTE_CHARS))
                (form::long_text(page, form, "agreed", "call-agreed", "call-agreed-hint", MAX_NOTE_CHARS))
                (select(page, form, "confirms", "call-confirms", contacts))
                p.hint { (page.t("call-confirms-hint")) }
                (form::text(page, form, "case", "call-case", "text", 40))
                (pieces::button(page, "call-send", "primary", P::ContactWrite))
            }
        }
    }
}

fn contact_form(app: &App, page: &Page, to: &str, contacts: &[ContactView], form: &Form, open: bool) -> Markup {
    html! {
        details.card open[open] {
            summary { (page.t("contact-add")) }
            form method="post" action=(to) {
                (form::hidden(app, page)) (form::problem(page, form))
                p.hint { (page.t("contact-text")) }
                (select(page, form, "replaces", "contact-replaces", contacts))
                (form::choice(page, form, "role", "contact-for", &choices(page, "contact-role", ContactRole::ALL, ContactRole::word)))
                (form::text(page, form, "name", "contact-name", "text", MAX_LABEL_CHARS))
                (form::text(page, form, "phone", "contact-phone", "tel", MAX_NUMBER_CHARS))
                (form::text(page, form, "mail", "contact-mail", "email", MAX_LABEL_CHARS))
                (form::choice(page, form, "source", "contact-from", &choices(page, "contact-source", ContactSource::ALL, ContactSource::word)))
                (pieces::button(page, "contact-send", "primary", P::ContactWrite))
            }
        }
    }
}

/// One of the contacts, or none.
fn select(page: &Page, form: &Form, name: &str, label: &str, contacts: &[ContactView]) -> Markup {
    html! {
        div.field {
            label for=(name) { (page.t(label)) }
            select id=(name) name=(name) {
                option value="" { (page.t("none-chosen")) }
                @for contact in contacts {
                    option value=(contact.id) selected[form.has(name, &contact.id.to_string())] { (name_of(contact)) ", " (page.word("contact-role", contact.role.word())) }
                }
            }
        }
    }
}

/// Writes a note.
pub(crate) async fn note(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let sent = Sent(Note { text: form.text("text").to_owned() });
    match contacts::note(State(app.clone()), page.session.clone(), ids.clone(), sent).await {
        Ok(_) => Ok(page.done(&here(&ids, "notes")?, "done-noted")),
        Err(problem) => again(&app, &page, &ids, ("note", form), problem).await,
    }
}

/// Writes down a conversation.
pub(crate) async fn call(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let call = match read_call(&page, &form) {
        Ok(call) => call,
        Err(problem) => return again(&app, &page, &ids, ("call", form), problem).await,
    };
    match contacts::call(State(app.clone()), page.session.clone(), ids.clone(), Sent(call)).await {
        Ok(_) => Ok(page.done(&here(&ids, "notes")?, "done-call")),
        Err(problem) => again(&app, &page, &ids, ("call", form), problem).await,
    }
}

fn read_call(page: &Page, form: &Form) -> Result<NewCall, Problem> {
    Ok(NewCall {
        channel: word(form, "channel", Channel::ALL, Channel::word)?,
        direction: word(form, "direction", Direction::ALL, Direction::word)?,
        at: instant(page, form, "at")?,
        contact: id(form, "contact")?,
        with: form.maybe("with"),
        number: form.maybe("number"),
        known_number: form.has("knownNumber", "yes"),
        said: form.text("said").to_owned(),
        agreed: form.maybe("agreed"),
        confirms: id(form, "confirms")?,
        case: id(form, "case")?,
    })
}

/// Writes down whom to speak with.
pub(crate) async fn record(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let contact = match read_contact(&form) {
        Ok(contact) => contact,
        Err(problem) => return again(&app, &page, &ids, ("contact", form), problem).await,
    };
    match contacts::record(State(app.clone()), page.session.clone(), ids.clone(), Sent(contact)).await {
        Ok(_) => Ok(page.done(&here(&ids, "all")?, "done-contact")),
        Err(problem) => again(&app, &page, &ids, ("contact", form), problem).await,
    }
}

fn read_contact(form: &Form) -> Result<NewContact, Problem> {
    Ok(NewContact {
        replaces: id(form, "replaces")?,
        role: word(form, "role", ContactRole::ALL, ContactRole::word)?,
        name: form.text("name").to_owned(),
        phone: form.maybe("phone"),
        mail: form.maybe("mail"),
        source: word(form, "source", ContactSource::ALL, ContactSource::word)?,
    })
}

/// Says that somebody is no contact any more.
pub(crate) async fn remove(State(app): State<App>, page: Page, ids: Ids, _form: Form) -> Result<Response, Problem> {
    contacts::remove(State(app.clone()), page.session.clone(), ids.clone()).await?;
    Ok(page.done(&here(&ids, "all")?, "done-contact-removed"))
}

fn here(ids: &Ids, part: &str) -> Result<String, Problem> {
    Ok(format!("/customers/{}?part={part}", ids.first::<AccountId>()?))
}

async fn again(
    app: &App,
    page: &Page,
    ids: &Ids,
    (verb, form): (&'static str, Form),
    problem: Problem,
) -> Result<Response, Problem> {
    customer::whole(app, page, ids, &customer::Wanted::default(), &Typed { verb, form: form.with(problem) }).await
}

/// One of a few words that a form sends.
fn word<T: Copy>(form: &Form, name: &str, all: &[T], word: fn(T) -> &'static str) -> Result<T, Problem> {
    let found = all.iter().copied().find(|one| word(*one) == form.text(name));
    found.ok_or_else(|| Problem::field(name, "it is none of the choices"))
}

/// An id that may be left out.
fn id(form: &Form, name: &str) -> Result<Option<uuid::Uuid>, Problem> {
    let read = |text: String| uuid::Uuid::from_str(&text).map_err(|_| Problem::field(name, "it is no id"));
    form.maybe(name).map(read).transpose()
}

/// A minute by the reader's clock, as a browser sends it.
pub(super) fn instant(page: &Page, form: &Form, name: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = form.maybe(name) else { return Ok(None) };
    let wrong = || Problem::field(name, "it is no date with a time");
    let local: DateTime = text.parse().map_err(|_| wrong())?;
    let zoned = local.to_zoned(page.formats.zone.clone()).map_err(|_| wrong())?;
    Ok(Some(zoned.timestamp()))
}
