//! How a person wants pages to look: language, theme, time zone, keys. It is kept with the user, so that it is so on
//! whatever machine; and in cookies of the browser, none of them secret, for the pages before somebody has signed in. A
//! page is right from its first byte, and no script is needed.

use super::page::Page;
use crate::acts::{on_own, told};
use crate::app::App;
use crate::language::Language;
use crate::pages::form::Form;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use domain::body::Body;
use domain::ids::AccountKind;
use domain::views::LooksChosen;
use jiff::tz::TimeZone;

/// The most bytes of cookies that are looked at.
const MAX_COOKIE_BYTES: usize = 8 * 1024;
/// The longest name of a time zone.
const MAX_ZONE_BYTES: usize = 64;
/// How long a browser keeps a preference, in seconds: a year.
const KEPT_SECONDS: u32 = 31_536_000;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The word in cookies and forms.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Every theme.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];
}

/// How a person wants pages to look.
#[derive(Debug, Clone)]
pub(crate) struct Preferences {
    /// The language, where the person chose one.
    pub(crate) language: Option<Language>,
    pub(crate) theme: Theme,
    /// The person's own zone, where the browser told it.
    pub(crate) zone: Option<TimeZone>,
    /// Whether single letters are keys (WCAG 2.1.4).
    pub(crate) keys: bool,
}

impl Preferences {
    /// What a person chose, else what the cookies of a request say. What can't be read is left at its default.
    pub(crate) fn read(headers: &HeaderMap, chosen: &LooksChosen) -> Self {
        let of = |kept: &Option<String>, name: &str| kept.clone().or_else(|| cookie(headers, name));
        let language = of(&chosen.language, "language").as_deref().and_then(Language::from_code);
        let theme = of(&chosen.theme, "theme").unwrap_or_default();
        let zone = of(&chosen.zone, "zone").filter(|zone| zone.len() <= MAX_ZONE_BYTES);
        Self {
            language,
            theme: Theme::ALL.into_iter().find(|known| known.word() == theme).unwrap_or_default(),
            zone: zone.and_then(|zone| TimeZone::get(&zone).ok()),
            keys: chosen.keys.unwrap_or_else(|| cookie(headers, "keys").as_deref() != Some("off")),
        }
    }
}

/// The value of a cookie, decoded.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(header::COOKIE)?.to_str().ok().filter(|text| text.len() <= MAX_COOKIE_BYTES)?;
    let mut pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(known, _)| *known == name).map(|(_, value)| value)?;
    // The values are written in the manner of forms, which have no character that cookies do not have.
    form_urlencoded::parse(value.as_bytes()).next().map(|(value, _)| value.into_owned())
}

/// A cookie for all pages, as `Set-Cookie` has it. Scripts can't read it.
pub(crate) fn set_cookie(name: &str, value: &str, seconds: u32) -> Option<HeaderValue> {
    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax; HttpOnly");
    HeaderValue::from_str(&text).ok()
}

/// Takes over what a person chose, and goes back to where they were. Only what was sent changes.
pub(crate) async fn choose(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let looks = chosen(&page.session.looks, &form)?;
    if looks != page.session.looks {
        on_own(&app, page.session.caller.user, AccountKind::User, None, |view| {
            Ok(vec![told(&page.session, view.at, Body::LooksChosen(looks.clone()))])
        })
        .await?;
    }
    let mut response = page.go(&local(form.text("back")));
    let known: [(&str, &[&str]); 3] =
        [("language", &["en", "sv"]), ("theme", &["system", "light", "dark"]), ("keys", &["on", "off"])];
    for (name, values) in known {
        let value = form.text(name);
        if let Some(cookie) = values.contains(&value).then(|| set_cookie(name, value, KEPT_SECONDS)).flatten() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// What was chosen before, with what a form says.
fn chosen(before: &LooksChosen, form: &Form) -> Result<LooksChosen, Problem> {
    let mut looks = before.clone();
    if let Some(language) = Language::from_code(form.text("language")) {
        looks.language = Some(language.code().to_owned());
    }
    if let Some(theme) = Theme::ALL.into_iter().find(|theme| theme.word() == form.text("theme")) {
        looks.theme = Some(theme.word().to_owned());
    }
    if matches!(form.text("keys"), "on" | "off") {
        looks.keys = Some(form.has("keys", "on"));
    }
    if form.has("zone-sent", "yes") {
        looks.zone = form.maybe("zone");
        let is_known = |zone: &String| zone.len() <= MAX_ZONE_BYTES && TimeZone::get(zone).is_ok();
        if looks.zone.as_ref().is_some_and(|zone| !is_known(zone)) {
            return Err(Problem::field("zone", "there is no such time zone"));
        }
    }
    Ok(looks)
}

/// An address of ours, or the first page: nobody is sent elsewhere by a form.
pub(crate) fn local(back: &str) -> String {
    let inside = back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    if inside { back.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (back, to) in [
            ("/cases?filter=a", "/cases?filter=a"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(local(back), to);
        }
    }

    #[test]
    fn cookies_are_read_as_they_were_written() {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static("a=1; language=sv; zone=Europe%2FStockholm; theme=dark; keys=off");
        headers.insert(header::COOKIE, value);
        let preferences = Preferences::read(&headers, &LooksChosen::default());
        assert_eq!(preferences.language, Some(Language::Swedish));
        assert_eq!(
            preferences.zone.and_then(|zone| zone.iana_name().map(str::to_owned)).as_deref(),
            Some("Europe/Stockholm")
        );
        assert_eq!((preferences.theme, preferences.keys), (Theme::Dark, false));
    }
}
