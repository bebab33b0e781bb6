//! What people change about their own way in: password, authenticator app, recovery codes, tokens, sessions.

use super::welcome::secret;
use crate::app::App;
use crate::body::Ids;
use crate::pages::csrf;
use crate::pages::form::{self, Form};
use crate::pages::page::Page;
use crate::pages::pieces::time;
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use crate::sign_in::profile::{
    NewPassword, own_sessions, password_changed, recovery_made, token_issued, token_revoked, totp_changed, totp_offered,
};
use crate::tokens::NewToken;
use axum::extract::State;
use axum::response::Response;
use domain::file::Part;
use jiff::SignedDuration;
use maud::{Markup, html};

/// Where the page is.
const HERE: &str = "/profile";
/// Where a fresh second factor is given, to come back here.
const PROVE: &str = "/prove?next=%2Fprofile";
/// Zones that are offered; any other of the database can be typed.
const ZONES: [&str; 6] =
    ["Europe/Stockholm", "Europe/London", "Europe/Helsinki", "America/New_York", "Asia/Tokyo", "UTC"];
/// How long a token of the profile is good, in days.
const TOKEN_DAYS: i64 = 90;

/// The page.
pub(crate) async fn show(State(app): State<App>, page: Page) -> Result<Response, Problem> {
    let main = main(&app, &page, &Form::default()).await?;
    Ok(page.show("profile-title", &main))
}

/// Another password.
pub(crate) async fn password(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let text = |name: &str| form.text(name).to_owned();
    let new = NewPassword { current: text("current"), password: text("password"), code: text("code") };
    match password_changed(&app, &page.session, &new).await {
        Ok(()) => Ok(page.done(HERE, "done-password")),
        Err(problem) => again(&app, &page, form, problem).await,
    }
}

/// Another authenticator app.
pub(crate) async fn totp(
    State(app): State<App>,
    page: Page,
    proved: Reauthenticated,
    form: Form,
) -> Result<Response, Problem> {
    if !proved.0 {
        return Ok(page.go(PROVE));
    }
    match totp_changed(&app, &page.session, form.text("code")).await {
        Ok(()) => Ok(page.done(HERE, "done-totp")),
        Err(problem) => again(&app, &page, form, problem).await,
    }
}

/// New recovery codes, shown this once.
pub(crate) async fn recovery(
    State(app): State<App>,
    page: Page,
    proved: Reauthenticated,
    _form: Form,
) -> Result<Response, Problem> {
    if !proved.0 {
        return Ok(page.go(PROVE));
    }
    let made = recovery_made(&app, &page.session).await?;
    let main = html! {
        h1 { (page.t("recovery-title")) }
        p { (page.t("recovery-text")) }
        ul.codes { @for code in &made.recovery_codes { li { code { (code) } } } }
        p { a.button.primary href=(HERE) { (page.t("profile-back")) } }
    };
    Ok(page.show("recovery-title", &main))
}

/// A new token, its secret shown this once.
pub(crate) async fn token(
    State(app): State<App>,
    page: Page,
    proved: Reauthenticated,
    form: Form,
) -> Result<Response, Problem> {
    if !proved.0 {
        return Ok(page.go(PROVE));
    }
    let now = app.desk.clock.now();
    let expires = now.saturating_add(SignedDuration::from_hours(24 * TOKEN_DAYS)).ok();
    let new = NewToken { label: form.text("label").to_owned(), expires };
    match token_issued(&app, &page.session, new).await {
        Ok(issued) => {
            let main = html! {
                h1 { (page.t("token-title")) }
                p { (page.t("token-text")) }
                p { code.secret { (issued.body.secret) } }
                p { a.button.primary href=(HERE) { (page.t("profile-back")) } }
            };
            Ok(page.show("token-title", &main))
        }
        Err(problem) => again(&app, &page, form, problem).await,
    }
}

/// Takes a token back.
pub(crate) async fn revoke(State(app): State<App>, page: Page, ids: Ids, _form: Form) -> Result<Response, Problem> {
    token_revoked(&app, &page.session, ids.first()?).await?;
    Ok(page.done(HERE, "done-revoked"))
}

/// Ends a session.
pub(crate) async fn end(State(app): State<App>, page: Page, ids: Ids, _form: Form) -> Result<Response, Problem> {
    if !app.desk.store.end_session(page.session.caller.user, ids.first()?).await? {
        return Err(Code::NotFound.into());
    }
    Ok(page.done(HERE, "done-ended"))
}

async fn again(app: &App, page: &Page, form: Form, problem: Problem) -> Result<Response, Problem> {
    let status = problem.code.status();
    let main = main(app, page, &form.with(problem)).await?;
    Ok(page.show_as(status, &page.t("profile-title"), &main))
}

async fn main(app: &App, page: &Page, form: &Form) -> Result<Markup, Problem> {
    let Part::User(user) = app.desk.file(page.session.caller.user).await?.part else {
        return Err(Code::NotFound.into());
    };
    let is_local = user.credentials.password.is_some();
    let fresh = page.session.held.as_ref().is_some_and(|held| held.fresh);
    let offered = if is_local && fresh { Some(totp_offered(app, &page.session).await?) } else { None };
    Ok(html! {
        h1 { (page.t("profile-title")) }
        (form::problem(page, form))
        @if is_local {
            section aria-labelledby="password-title" {
                h2 id="password-title" { (page.t("profile-password")) }
                form.narrow method="post" action="/profile/password" {
                    (form::hidden(app, page))
                    (form::text(page, form, "current", "profile-current", "password", 256))
                    (form::text(page, form, "password", "welcome-password", "password", 256))
                    p.hint { (page.t("welcome-password-hint")) }
                    (form::text(page, &Form::default(), "code", "totp-code", "text", 64))
                    button type="submit" { (page.t("profile-password-send")) }
                }
            }
            section aria-labelledby="totp-title" {
                h2 id="totp-title" { (page.t("profile-totp")) }
                @if let Some(offered) = &offered {
                    form.narrow method="post" action="/profile/totp" {
                        (form::hidden(app, page))
                        (secret(|key| page.t(key), &offered.totp_secret, &offered.totp_address))
                        label for="new-code" { (page.t("totp-code")) }
                        input id="new-code" name="code" type="text" maxlength="64" autocomplete="one-time-code";
                        button type="submit" { (page.t("profile-totp-send")) }
                    }
                } @else {
                    p { a.button href=(PROVE) { (page.t("profile-prove")) } }
                }
                form method="post" action="/profile/recovery-codes" {
                    (form::hidden(app, page))
                    button type="submit" { (page.t("profile-recovery")) }
                }
                p.hint { (page.ta("profile-recovery-left", &[("count", user.credentials.recovery.len().to_string())])) }
            }
        }
        (tokens(app, page, &user))
        (sessions(app, page).await?)
        (looks(page))
        form method="post" action="/sign-out" { (form::hidden(app, page)) button type="submit" { (page.t("sign-out")) } }
    })
}

/// How pages look, on whatever machine: the zone of times here, the rest in the menu at the top.
fn looks(page: &Page) -> Markup {
    let zone = page.session.looks.zone.clone().unwrap_or_default();
    html! {
        section aria-labelledby="looks-title" {
            h2 id="looks-title" { (page.t("profile-looks-title")) }
            p.hint { (page.t("profile-looks")) }
            form.narrow method="post" action="/preferences" {
                input type="hidden" name=(csrf::FIELD) value=(csrf::token(&page.session));
                input type="hidden" name="back" value=(HERE);
                input type="hidden" name="zone-sent" value="yes";
                div.field {
                    label for="zone" { (page.t("profile-zone")) }
                    p.hint id="zone-hint" { (page.t("profile-zone-hint")) }
                    input id="zone" name="zone" maxlength="64" value=(zone) autocomplete="off" spellcheck="false" autocapitalize="off" list="zones" aria-describedby="zone-hint";
                    datalist id="zones" { @for zone in ZONES { option value=(zone) {} } }
                }
                button type="submit" { (page.t("profile-zone-send")) }
            }
        }
    }
}

fn tokens(app: &App, page: &Page, user: &domain::people::UserFile) -> Markup {
    html! {
        section aria-labelledby="tokens-title" {
            h2 id="tokens-title" { (page.t("profile-tokens")) }
            p.hint { (page.t("profile-tokens-hint")) }
            ul {
                @for token in user.tokens.values() {
                    li {
                        (token.label) " "
                        @if let Some(expires) = token.expires { (page.t("profile-until")) " " (time(page, expires)) }
                        form method="post" action={ "/profile/tokens/" (token.token) "/revoke" } {
                            (form::hidden(app, page))
                            button type="submit" { (page.t("profile-revoke")) }
                        }
                    }
                }
            }
            form.narrow method="post" action="/profile/tokens" {
                (form::hidden(app, page))
                (form::text(page, &Form::default(), "label", "profile-token-label", "text", 200))
                button type="submit" { (page.t("profile-token-send")) }
            }
        }
    }
}

async fn sessions(app: &App, page: &Page) -> Result<Markup, Problem> {
    let sessions = own_sessions(app, &page.session).await?;
    Ok(html! {
        section aria-labelledby="sessions-title" {
            h2 id="sessions-title" { (page.t("profile-sessions")) }
            ul {
                @for session in &sessions {
                    li {
                        (page.t("profile-began")) " " (time(page, session.began)) " "
                        (page.t("profile-until")) " " (time(page, session.ends)) " "
                        @if session.this { strong { (page.t("profile-this")) } }
                        form method="post" action={ "/profile/sessions/" (session.id) "/end" } {
                            (form::hidden(app, page))
                            button type="submit" { (page.t("profile-end")) }
                        }
                    }
                }
            }
        }
    })
}
