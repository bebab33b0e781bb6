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
use serde::de::DeserializeOwned;
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

/// Reads JSON, telling broken JSON from JSON of another shape.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        let is_shape = inner.is_data();
        let detail = shortened(&inner.to_string());
        let mut problem = Problem::from(if is_shape { Code::BadBody } else { Code::BadJson });
        problem.errors.push(FieldProblem::new(path, if is_shape { "invalid" } else { "syntax" }, detail));
        problem
    })?;
    reader.end().map_err(|error| {
        let mut problem = Problem::from(Code::BadJson);
        problem.errors.push(FieldProblem::new(".", "syntax", shortened(&error.to_string())));
        problem
    })?;
    Ok(value)
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
        ] {
            assert_eq!(read::<Shape>(body.as_bytes()).unwrap_err().code, code, "{body}");
        }
        assert!(read::<Shape>(b"{\"count\":1}").is_ok());
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
