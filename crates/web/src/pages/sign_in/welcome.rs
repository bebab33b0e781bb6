//! The first time: a link for one use, a password, an authenticator app, and the recovery codes, shown this once.

use super::bare::{Bare, Field};
use crate::app::App;
use crate::body::Ids;
use crate::pages::form::Form;
use crate::pages::qr;
use crate::problem::Problem;
use crate::sign_in::cookie;
use crate::sign_in::enrolling::{Chosen, WELCOME, enrolled, offered};
use crate::sign_in::entering::put_session;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

/// What there is to choose.
pub(crate) async fn show(State(app): State<App>, ids: Ids, bare: Bare) -> Result<Response, Problem> {
    let link: String = ids.first()?;
    let main = main(&app, &bare, &link, None).await?;
    Ok(bare.show(StatusCode::OK, "welcome-title", &main))
}

/// Takes what was chosen.
pub(crate) async fn send(State(app): State<App>, ids: Ids, bare: Bare, form: Form) -> Result<Response, Problem> {
    cookie::check_origin(&bare.headers, true)?;
    let chosen =
        Chosen { link: ids.first()?, password: form.text("password").to_owned(), code: form.text("code").to_owned() };
    match enrolled(&app, &chosen).await {
        Ok((codes, begun)) => {
            let mut response = bare.show(StatusCode::OK, "recovery-title", &kept(&bare, &codes));
            put_session(&mut response, &bare.headers, &begun);
            Ok(response)
        }
        Err(problem) => {
            let main = main(&app, &bare, &chosen.link, Some(&problem)).await?;
            Ok(bare.show(problem.code.status(), "welcome-title", &main))
        }
    }
}

async fn main(app: &App, bare: &Bare, link: &str, problem: Option<&Problem>) -> Result<Markup, Problem> {
    let offered = offered(app, link).await?;
    let field = |name, label, kind, fills| bare.field(&Field { name, label, kind, fills, typed: "" });
    Ok(html! {
        h1 { (bare.t("welcome-title")) }
        p { (bare.t("welcome-text")) }
        (bare.problem(problem))
        form.narrow method="post" action={ (WELCOME) (link) } {
            @if let Some(name) = &offered.sign_in_name {
                p { (bare.t("welcome-name")) " " strong { (name) } }
                input type="text" name="name" value=(name) autocomplete="username" hidden readonly;
            }
            (field("password", "welcome-password", "password", "new-password"))
            p.hint { (bare.t("welcome-password-hint")) }
            (secret(|key| bare.t(key), &offered.totp_secret, &offered.totp_address))
            (field("code", "totp-code", "text", "one-time-code"))
            button.primary type="submit" { (bare.t("welcome-send")) }
        }
    })
}

/// The secret for an authenticator app, to be read by a camera, typed or opened.
pub(super) fn secret(say: impl Fn(&str) -> String, secret: &str, address: &str) -> Markup {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    html! {
        p { (say("totp-text")) }
        (qr::square(address, &say("totp-square")))
        p { code.secret { (groups.join(" ")) } }
        p { a href=(address) { (say("totp-open")) } }
    }
}

fn kept(bare: &Bare, codes: &[String]) -> Markup {
    html! {
        h1 { (bare.t("recovery-title")) }
        p { (bare.t("recovery-text")) }
        ul.codes { @for code in codes { li { code { (code) } } } }
        p { a.button.primary href="/" { (bare.t("recovery-go")) } }
    }
}
