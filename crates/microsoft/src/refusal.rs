//! Reads an answer that is not a success into an `Error`: the four body shapes of Microsoft's services, the login's fifth,
//! the status and `Retry-After`. Pure; what a caller does about it is not decided here.

use std::time::Duration;

use http::header::RETRY_AFTER;
use jiff::Timestamp;
use serde_json::Value;

use crate::call::Call;
use crate::error::{Error, RefusalKind};
use crate::seam::Response;
use crate::wire::without_bom;

/// The longest wait that is believed; a longer one is cut to this.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);
/// How much of Microsoft's own words is kept.
const MAX_MESSAGE_CHARS: usize = 300;
/// How much of a code is kept.
const MAX_CODE_CHARS: usize = 80;
/// Words longer than this look like tokens and are taken out of a message.
const MAX_WORD_CHARS: usize = 100;

/// The code and the words of an error body, whichever shape it has.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    code: String,
    message: String,
}

/// Turns an answer with a status outside 200 to 299 into its error.
pub(crate) fn read(call: &Call, response: &Response, now: Timestamp) -> Error {
    let told = read_body(&response.body);
    let call = call.clone();
    let retry_after = retry_after(response, &told.message, now);
    let code = told.code;
    match (response.status, code.as_str()) {
        (401 | 403, "900421") => Error::MfaMissing { call, code },
        (401, _) => Error::Unauthorized { call, code },
        (429, _) => Error::Throttled { call, retry_after },
        (412, _) | (400..=499, "2055") => Error::StaleETag { call },
        (400..=499, "900115") => Error::PlanStillActive { call },
        (400..=499, "900278") => Error::PendingOperation { call },
        (404, _) => Error::NotFound { call, code },
        (408, _) => Error::Doubt { call, reason: "Microsoft timed out waiting for the request (408)".to_owned() },
        (500.., _) => Error::Remote5xx { call, status: response.status, retry_after },
        (status, _) => {
            let kind = if status == 410 { RefusalKind::LinkExpired } else { kind_of(&code) };
            Error::Refused { call, status, message: told.message, kind, code }
        }
    }
}

/// Turns the login's refusal into its error: no token was issued, so nothing was done.
pub(crate) fn read_login(call: &Call, response: &Response, now: Timestamp) -> Error {
    let told = read_body(&response.body);
    let call = call.clone();
    match (response.status, told.code.as_str()) {
        (429, _) => Error::Throttled { call, retry_after: retry_after(response, &told.message, now) },
        (500.., _) => {
            let retry_after = retry_after(response, &told.message, now);
            Error::Remote5xx { call, status: response.status, retry_after }
        }
        // The login's own codes for "this user must use multi-factor authentication".
        (_, "900421" | "AADSTS50076" | "AADSTS50079") => Error::MfaMissing { call, code: told.code },
        _ => Error::Unauthorized { call, code: told.code },
    }
}

fn kind_of(code: &str) -> RefusalKind {
    match code {
        "900308" | "900150" | "90000" => RefusalKind::MissingRole,
        "900309" => RefusalKind::ConditionalAccess,
        "900329" => RefusalKind::AppOnlyNotSupported,
        "20002" => RefusalKind::Detached,
        "800073" | "800074" | "800075" | "900416" => RefusalKind::CustomerBlocked,
        "800069" => RefusalKind::RiskCheck,
        "800023" | "800025" | "900121" => RefusalKind::CreditLine,
        "800039" | "900149" => RefusalKind::PartnerSuspended,
        "900123" | "900124" | "13605" => RefusalKind::AgreementMissing,
        "900117" | "900213" | "900214" | "900257" => RefusalKind::WindowPassed,
        "2001" | "2011" | "800040" | "800091" | "800096" | "27009" | "900132" | "900279" | "900280" | "900314"
        | "900318" => RefusalKind::WrongState,
        "800014" | "800060" | "800064" | "800082" => RefusalKind::Busy,
        "900311" => RefusalKind::NeedsPerson,
        "800066" | "800067" | "800068" | "800088" | "800089" | "900419" => RefusalKind::MaximumExceeded,
        _ => RefusalKind::Other,
    }
}

fn read_body(body: &[u8]) -> Told {
    let Ok(value) = serde_json::from_slice::<Value>(without_bom(body)) else {
        return Told::default();
    };
    // E4: Graph and Azure nest code and message below `error`; the login puts a word there.
    match value.get("error") {
        Some(nested @ Value::Object(_)) => told(nested),
        Some(Value::String(word)) => login_code(word, &value),
        _ => told(&value),
    }
}

/// E1 (code and description), E2 (a number as code, and message), E3 (statusCode and message).
fn told(value: &Value) -> Told {
    let code = text_of(value, "code").unwrap_or_default();
    let message = text_of(value, "description").or_else(|| text_of(value, "message")).unwrap_or_default();
    Told { code: cut(&code, MAX_CODE_CHARS), message: safe_words(&message) }
}

/// The login tells `{"error":"invalid_grant","error_description":"AADSTS50076: ...","error_codes":[50076]}`.
fn login_code(word: &str, value: &Value) -> Told {
    let number = value.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64);
    let description = text_of(value, "error_description").unwrap_or_default();
    let in_words = description.split(|c: char| !c.is_ascii_alphanumeric()).find(|part| part.starts_with("AADSTS"));
    let code = number
        .map(|number| if number == 900_421 { number.to_string() } else { format!("AADSTS{number}") })
        .or_else(|| in_words.map(str::to_owned))
        .unwrap_or_else(|| word.to_owned());
    Told { code: cut(&code, MAX_CODE_CHARS), message: String::new() }
}

fn text_of(value: &Value, name: &str) -> Option<String> {
    let object = value.as_object()?;
    let (_, found) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    match found {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn cut(text: &str, max_chars: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(max_chars).collect()
}

/// Keeps the words and takes out what could be a token: anything very long, or that begins as a JWT does.
fn safe_words(text: &str) -> String {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| if word.len() > MAX_WORD_CHARS || word.contains("eyJ") { "[removed]" } else { word })
        .collect();
    cut(&words.join(" "), MAX_MESSAGE_CHARS)
}

/// Reads `Retry-After` (seconds or a date), else the words of the gateway (`Try again in 57 seconds.`).
pub(crate) fn retry_after(response: &Response, message: &str, now: Timestamp) -> Option<Duration> {
    let header = response.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::trim);
    let told = match header {
        Some(text) => text.parse::<u64>().ok().map(Duration::from_secs).or_else(|| until(text, now)),
        None => seconds_in_words(message),
    };
    told.map(|wait| wait.min(MAX_RETRY_AFTER))
}

fn until(date: &str, now: Timestamp) -> Option<Duration> {
    let then = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    let wait = then.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

fn seconds_in_words(message: &str) -> Option<Duration> {
    let (_, rest) = message.split_once("Try again in ")?;
    let seconds = rest.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
