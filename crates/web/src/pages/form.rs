//! Forms: what was typed, what is wrong with it, and the fields that show both again. A form is a real form: it works
//! without a script, and what was typed is never lost.

use super::csrf;
use super::page::Page;
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::speech::text_of;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use maud::{Markup, html};

/// The most fields of one form: a page of rows can be selected.
const MAX_FIELDS: usize = 1_200;
/// The name of the field with the key that makes sending twice the same as sending once.
pub(crate) const KEY_FIELD: &str = "key";
/// The name of the field with the state that a change is based on.
pub(crate) const STATE_FIELD: &str = "state";

/// A form as it was sent, or an empty one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    problem: Option<Problem>,
}

impl Form {
    /// Reads a form.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let fields: Vec<_> =
            form_urlencoded::parse(body).take(MAX_FIELDS + 1).map(|(n, v)| (n.into(), v.into())).collect();
        if fields.len() > MAX_FIELDS {
            return Err(Problem::from(Code::TooMany).with("limit", MAX_FIELDS.to_string()));
        }
        Ok(Self { fields, problem: None })
    }

    /// The form with what is wrong with it, to be shown again.
    pub(crate) fn with(mut self, problem: Problem) -> Self {
        self.problem = Some(problem);
        self
    }

    /// The value of a field; empty when it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The value of a field that may be left empty.
    pub(crate) fn maybe(&self, name: &str) -> Option<String> {
        let text = self.text(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Every value of a field that may be chosen several times.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a field was sent with this value.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|(known, sent)| known == name && sent == value)
    }

    /// Whether nothing was sent: the form is shown for the first time.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fields.is_empty()
    }

    /// What is wrong with it.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether this field is what is wrong.
    fn is_wrong(&self, name: &str) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.errors.iter().any(|error| error.field == name))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Err(Code::UnsupportedMediaType.into());
        }
        let body = Bytes::from_request(request, state).await.map_err(|_| Problem::from(Code::BadRequest))?;
        Self::read(&body)
    }
}

/// Whether a body says that it is a form.
pub(crate) fn is_form(headers: &axum::http::HeaderMap) -> bool {
    let kind = text_of(headers, &header::CONTENT_TYPE).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The hidden fields that every form has: whose it is, and the key that makes sending it twice the same as once.
pub(crate) fn hidden(app: &App, page: &Page) -> Markup {
    html! {
        input type="hidden" name=(csrf::FIELD) value=(csrf::token(&page.session));
        input type="hidden" name=(KEY_FIELD) value=(app.entropy.key().as_simple());
    }
}

/// The hidden field with the state that a change is based on.
pub(crate) fn state(etag: &str) -> Markup {
    html! { input type="hidden" name=(STATE_FIELD) value=(etag); }
}

/// What is wrong with a form as a whole, in its first line.
pub(crate) fn problem(page: &Page, form: &Form) -> Markup {
    let Some(problem) = form.problem() else { return html! {} };
    let (title, detail) = page.problem_texts(problem);
    html! {
        div.message.bad role="alert" {
            p { strong { (title) } }
            p { (detail) }
            @for reason in crate::reasons::reasons(&problem.reasons, page.session.language) { p { (reason.text) } }
        }
    }
}

/// The message at a field that is what is wrong.
fn error(page: &Page, form: &Form, name: &str) -> Markup {
    html! { @if form.is_wrong(name) { p.error id={ (name) "-error" } { (page.t("form-wrong")) } } }
}

/// A text of several lines, with its label and a hint that says what is wanted.
pub(crate) fn long_text(page: &Page, form: &Form, name: &str, label: &str, hint: &str, limit: usize) -> Markup {
    html! {
        div.field {
            label for=(name) { (page.t(label)) }
            p.hint id={ (name) "-hint" } { (page.t(hint)) }
            (error(page, form, name))
            textarea id=(name) name=(name) rows="3" maxlength=(limit) aria-describedby={ (name) "-hint " (name) "-error" }
                aria-invalid=[form.is_wrong(name).then_some("true")] { (form.text(name)) }
        }
    }
}

/// A text of one line.
pub(crate) fn text(page: &Page, form: &Form, name: &str, label: &str, kind: &str, limit: usize) -> Markup {
    html! {
        div.field {
            label for=(name) { (page.t(label)) }
            (error(page, form, name))
            input id=(name) name=(name) type=(kind) maxlength=(limit) value=[(kind != "password").then(|| form.text(name))]
                aria-describedby={ (name) "-error" } aria-invalid=[form.is_wrong(name).then_some("true")];
        }
    }
}

/// One of a few: each choice is a value with the key of its text. The first is chosen unless another was sent.
pub(crate) fn choice(page: &Page, form: &Form, name: &str, label: &str, choices: &[(&str, String)]) -> Markup {
    let chosen = choices.iter().map(|(value, _)| *value).find(|value| form.has(name, value));
    let chosen = chosen.or_else(|| choices.first().map(|(value, _)| *value));
    html! {
        fieldset.field {
            legend { (page.t(label)) }
            (error(page, form, name))
            @for (value, text) in choices {
                label.choice { input type="radio" name=(name) value=(value) checked[Some(*value) == chosen]; (text) }
            }
        }
    }
}
