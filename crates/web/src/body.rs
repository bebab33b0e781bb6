//! Reading what a caller sent: a JSON body of a known shape, an id in the address, the state a change is based on.

use crate::guard::shortened;
use crate::problem::{Code, FieldProblem, Problem};
use crate::speech::text_of;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::str::FromStr;

/// The longest text that a person writes into a note.
pub(crate) const MAX_NOTE_CHARS: usize = 4_000;
/// The longest label of a token, key or title.
pub(crate) const MAX_LABEL_CHARS: usize = 200;

/// A JSON body of a known shape. What is unknown in it is refused, so that nothing is silently without effect.
#[derive(Debug)]
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = text_of(request.headers(), &header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Code::UnsupportedMediaType.into());
        }
        let body = Bytes::from_request(request, state).await.map_err(|_| Problem::from(Code::BadRequest))?;
        read(&body).map(Self)
    }
}

/// Reads a JSON object, telling broken JSON from JSON of another shape.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    only_an_object(body)?;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        if inner.is_data() { shape(path, told(&inner.to_string())) } else { broken(inner) }
    })?;
    reader.end().map_err(|error| broken(&error))?;
    Ok(value)
}

/// Fields are given by name: serde would take the items of an array for them, in their order.
fn only_an_object(body: &[u8]) -> Result<(), Problem> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        return Ok(());
    }
    let read: Result<IgnoredAny, _> = serde_json::from_slice(body);
    Err(read.map_or_else(|error| broken(&error), |_| shape(".".to_owned(), "an object is wanted".to_owned())))
}

/// JSON that is not what is wanted, and where in it.
fn shape(path: String, detail: String) -> Problem {
    let mut problem = Problem::from(Code::BadBody);
    problem.errors.push(FieldProblem::new(path, "invalid", detail));
    problem
}

/// What is no JSON has no fields, only a place where it breaks off.
fn broken(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    let mut place = FieldProblem::new(format!("{line}:{column}"), "syntax", shortened(&error.to_string()));
    (place.line, place.column) = (u64::try_from(line).ok(), u64::try_from(column).ok());
    let mut problem = Problem::from(Code::BadJson);
    problem.errors.push(place);
    problem
}

/// What serde says of a value, with all that it would have taken and only the beginning of what the caller sent.
fn told(message: &str) -> String {
    /// How serde begins when it goes on with what the caller sent, and ends with what it expected. Any other message may
    /// hold the caller's words anywhere.
    const SAYS_WHAT_IT_EXPECTED: [&str; 5] =
        ["unknown variant `", "unknown field `", "invalid type: ", "invalid value: ", "invalid length "];
    /// The longest list of what would have been taken.
    const MAX_EXPECTED_CHARS: usize = 4_000;
    let begins = SAYS_WHAT_IT_EXPECTED.iter().any(|begin| message.starts_with(begin));
    // The last one: the caller's words come before it.
    let end = message.rfind(", expected ").or_else(|| message.rfind(", there are no ")).filter(|_| begins);
    let (sent, expected) = message.split_at_checked(end.unwrap_or(message.len())).unwrap_or((message, ""));
    let mut told = shortened(sent);
    if told.chars().count() < sent.chars().filter(|letter| !letter.is_control()).count() {
        told.push('…');
        told.extend(sent.chars().next_back().filter(|last| matches!(last, '`' | '"')));
    }
    told.extend(expected.chars().filter(|letter| !letter.is_control()).take(MAX_EXPECTED_CHARS));
    told
}

/// The ids in the address, in their order. One that can't be an id is unknown, as any other unknown id.
#[derive(Debug, Clone)]
pub(crate) struct Ids(Vec<String>);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| Problem::from(Code::NotFound))?;
        Ok(Self(params.iter().map(|(_, value)| value.to_owned()).collect()))
    }
}

impl Ids {
    /// The ids of an act that a page asks for.
    pub(crate) fn of(id: &impl ToString) -> Self {
        Self(vec![id.to_string()])
    }

    /// The id with this number, from 0.
    pub(crate) fn get<T: FromStr>(&self, number: usize) -> Result<T, Problem> {
        // No id has a control character in it, and no database wants one.
        let text = self.0.get(number).filter(|text| !text.chars().any(char::is_control)).ok_or(Code::NotFound)?;
        text.parse().map_err(|_| Code::NotFound.into())
    }

    /// The first id.
    pub(crate) fn first<T: FromStr>(&self) -> Result<T, Problem> {
        self.get(0)
    }
}

/// The version of an account that a change is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BasedOn {
    /// Whatever it is, as long as there is one.
    Any,
    /// This version.
    Version(u64),
    /// Something that was never the state of anything here.
    Nothing,
}

impl BasedOn {
    /// Refuses a change that was based on another state than the one there is.
    pub(crate) fn check(self, version: u64) -> Result<(), Problem> {
        match self {
            Self::Any => Ok(()),
            Self::Version(based_on) if based_on == version => Ok(()),
            Self::Version(_) | Self::Nothing => {
                let mut problem = Problem::from(Code::Stale);
                problem.etag = Some(etag(version));
                Err(problem)
            }
        }
    }

    /// Refuses a change of something that was changed since it was read, unless any state will do.
    pub(crate) fn stale_unless_any(self, version: u64) -> Result<(), Problem> {
        if self == Self::Any { Ok(()) } else { Self::Nothing.check(version) }
    }

    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(wanted) = headers.get(header::IF_MATCH) else { return Err(Code::IfMatchMissing.into()) };
        let text = wanted.to_str().unwrap_or_default().trim();
        Ok(if text == "*" { Self::Any } else { Self::of(text) })
    }

    /// The state that a tag names, as a form carries it.
    pub(crate) fn of(tag: &str) -> Self {
        let digits = tag.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"'));
        digits.and_then(|digits| digits.parse().ok()).map_or(Self::Nothing, Self::Version)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BasedOn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(&parts.headers)
    }
}

/// The tag of an account's state.
pub(crate) fn etag(version: u64) -> String {
    format!("\"v{version}\"")
}

/// A resource with the tag of its state.
#[derive(Debug)]
pub(crate) struct Tagged<T> {
    pub(crate) version: u64,
    pub(crate) body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        insert(&mut response, header::ETAG, &etag(self.version));
        response
    }
}

/// A resource that was made, with its address.
#[derive(Debug)]
pub(crate) struct Created<T> {
    pub(crate) version: u64,
    pub(crate) location: String,
    pub(crate) body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (http::StatusCode::CREATED, Json(self.body)).into_response();
        insert(&mut response, header::ETAG, &etag(self.version));
        insert(&mut response, header::LOCATION, &self.location);
        response
    }
}

fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A text that a person wrote: not empty, and not longer than is kept.
pub(crate) fn checked_text(field: &str, text: &str, limit: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(Problem::field(field, "it is empty"));
    }
    if length > limit {
        return Err(Problem::field(field, format!("it has {length} characters; at most {limit} are taken")));
    }
    // Texts are shown in terminals too, where control characters do things.
    if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
        return Err(Problem::field(field, "it has control characters in it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shape {
        #[expect(dead_code, reason = "only its presence matters")]
        count: u32,
    }

    #[test]
    fn broken_json_and_json_of_another_shape_are_told_apart() {
        for (body, code) in [
            ("{", Code::BadJson),
            ("", Code::BadJson),
            ("{\"count\":1} x", Code::BadJson),
            ("{\"count\":\"1\"}", Code::BadBody),
            ("{\"count\":1,\"more\":2}", Code::BadBody),
            ("{}", Code::BadBody),
            ("[]", Code::BadBody),
            ("[1]", Code::BadBody),
            (" \n[1]", Code::BadBody),
            ("1", Code::BadBody),
            ("null", Code::BadBody),
            ("[1", Code::BadJson),
            ("[1] x", Code::BadJson),
            ("count", Code::BadJson),
        ] {
            assert_eq!(read::<Shape>(body.as_bytes()).unwrap_err().code, code, "{body}");
        }
        assert!(read::<Shape>(b"{\"count\":1}").is_ok());
        assert!(read::<Shape>(b"\r\n\t {\"count\":1}\n").is_ok());
    }

    #[test]
    fn an_array_is_not_taken_for_the_fields_in_their_order() {
        let problem = read::<Shape>(b"[1]").unwrap_err();
        assert_eq!(problem.errors, [FieldProblem::new(".", "invalid", "an object is wanted")]);
    }

    #[test]
    fn broken_json_is_told_by_its_line_and_column() {
        for (body, field) in [("{\n \"count\": x", "2:11"), ("{\"count\":1} x", "1:13"), ("", "1:0"), ("[1", "1:2")] {
            let problem = read::<Shape>(body.as_bytes()).unwrap_err();
            let place = problem.errors.first().unwrap();
            let (line, column) = (place.line.unwrap(), place.column.unwrap());
            assert_eq!((place.field.as_str(), format!("{line}:{column}").as_str()), (field, field), "{body}");
        }
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Word {
        BrokenIntoByStrangers,
        OrderedWithoutPaying,
        UsedAsTheCustomerSaid,
        NeverSeenAfterwards,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Worded {
        #[expect(dead_code, reason = "only its presence matters")]
        word: Word,
    }

    fn detail<T: DeserializeOwned + std::fmt::Debug>(body: &serde_json::Value) -> String {
        read::<T>(body.to_string().as_bytes()).unwrap_err().errors.remove(0).detail
    }

    #[test]
    fn all_that_would_be_taken_is_told_and_only_the_beginning_of_what_was_sent() {
        let wanted = "`, expected one of `brokenIntoByStrangers`, `orderedWithoutPaying`, `usedAsTheCustomerSaid`, `neverSeenAfterwards`";
        let short = detail::<Worded>(&serde_json::json!({"word": "nope"}));
        assert!(short.starts_with(&format!("unknown variant `nope{wanted}")), "{short}");
        for sent in ["y".repeat(9_000), format!("z, expected {}", "y".repeat(9_000)), "å\u{1b}".repeat(9_000)] {
            let long = detail::<Worded>(&serde_json::json!({"word": sent}));
            assert!(long.contains(&format!("…{wanted}")), "{long}");
            assert!(long.chars().count() < 300 && !long.contains('\u{1b}'), "{long}");
            let other = detail::<Shape>(&serde_json::json!({"count": sent}));
            assert!(other.contains("…\", expected u32") && other.chars().count() < 150, "{other}");
        }
    }

    #[test]
    fn words_of_ones_own_are_told_no_further_than_their_beginning() {
        for own in [format!("no such id: z, expected {}", "y".repeat(9_000)), "y".repeat(9_000)] {
            assert_eq!(told(&own).chars().count(), 81);
        }
        assert_eq!(told("no such id: z, expected y"), "no such id: z, expected y");
        assert_eq!(told("unknown field `a`, there are no fields"), "unknown field `a`, there are no fields");
    }

    #[test]
    fn a_change_has_to_be_based_on_the_state_there_is() {
        let of = |text: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(text) = text {
                headers.insert(header::IF_MATCH, HeaderValue::from_static(text));
            }
            BasedOn::read(&headers).and_then(|based_on| based_on.check(7)).map_err(|problem| problem.code)
        };
        assert_eq!(of(Some("\"v7\"")), Ok(()));
        assert_eq!(of(Some("*")), Ok(()));
        assert_eq!(of(Some("\"v6\"")), Err(Code::Stale));
        assert_eq!(of(Some("W/\"v7\"")), Err(Code::Stale));
        assert_eq!(of(None), Err(Code::IfMatchMissing));
    }
}
