//! What every route has in front of it: who asks, whether they may, whether the parameters are known, whether the
//! answer will be understood, and whether the same request was carried out before. Handlers begin after it.

use crate::access::Access;
use crate::app::App;
use crate::idempotency;
use crate::language::Language;
use crate::pages::{csrf, form};
use crate::problem::{Code, Problem};
use crate::session::{RequestKey, Session};
use crate::sign_in;
use crate::sign_in::cookie;
use crate::speech::{Answered, text_of};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use std::sync::Arc;

/// The largest body that a route takes unless its rule says otherwise, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest query that is looked at, in bytes.
const MAX_QUERY_BYTES: usize = 8 * 1024;
/// The most parameters of one query.
const MAX_PARAMETERS: usize = 16;

/// What a change by the cookie of a session carries, where it is no form.
const CSRF: HeaderName = HeaderName::from_static("borgen-csrf");

const SECONDS_PER_DAY: i64 = 86_400;

/// What a route answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Produces {
    /// JSON.
    Json,
    /// One JSON object on each line.
    Lines,
    /// Text.
    Text,
    /// A page for people, and what it loads.
    Page,
}

impl Produces {
    /// The media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/x-ndjson",
            Self::Text => "text/plain",
            Self::Page => "text/html",
        }
    }
}

/// What stands in front of one route.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Method and address, as in `POST /api/v1/cases/{id}:claim`.
    pub(crate) name: Arc<str>,
    pub(crate) access: Access,
    /// The query parameters that the route knows.
    pub(crate) parameters: Vec<String>,
    pub(crate) produces: Produces,
    pub(crate) max_body_bytes: usize,
}

/// Lets a request through to its handler, or answers itself.
pub(crate) async fn guard(State((app, rule)): State<(App, Arc<Rule>)>, request: Request, next: Next) -> Response {
    let answered = Answered(Arc::clone(&rule.name));
    let mut recognised = None;
    let mut response = match admit(&app, &rule, request, next, &mut recognised).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(answered);
    if let Some(session) = recognised {
        // A problem that becomes a page is shown with what stands around the reader's pages.
        response.extensions_mut().insert(session);
    }
    response
}

async fn admit(
    app: &App,
    rule: &Rule,
    mut request: Request,
    next: Next,
    recognised: &mut Option<Session>,
) -> Result<Response, Problem> {
    let session = match rule.access {
        Access::Public => None,
        Access::Needs(needs) => {
            let language = request.extensions().get::<Language>().copied().unwrap_or_default();
            let known = sign_in::recognise(app, request.headers()).await?;
            let request_key = idempotency::key_of(request.headers())?;
            let day = app.desk.clock.now().as_second().div_euclid(SECONDS_PER_DAY);
            let sign_in::Known { caller, token, held, looks } = known;
            // What the person chose on whatever machine goes before what this browser wants; programs say it each time.
            let chosen = looks.language.as_deref().and_then(Language::from_code);
            let language = chosen.filter(|_| rule.produces == Produces::Page).unwrap_or(language);
            let session = Session { caller, token, held, language, request_key, looks, day };
            *recognised = Some(session.clone());
            needs.admit(&session.caller)?;
            Some(session)
        }
    };
    check_query(rule, request.uri().query().unwrap_or_default())?;
    check_accept(rule, request.headers())?;
    let Some(session) = session else { return Ok(next.run(request).await) };
    if request.method() == Method::GET || request.method() == Method::HEAD {
        request.extensions_mut().insert(session);
        return Ok(next.run(request).await);
    }
    let (mut parts, body) = request.into_parts();
    let body = whole(body, rule.max_body_bytes).await?;
    if rule.produces == Produces::Page {
        let session = own_form(session, &parts.headers, &body)?;
        parts.extensions.insert(session);
        return Ok(next.run(Request::from_parts(parts, Body::from(body))).await);
    }
    own_change(&session, &parts.headers)?;
    parts.extensions.insert(session.clone());
    let request = Request::from_parts(parts, Body::from(body.clone()));
    idempotency::once(app, rule, &session, request, &body, next).await
}

/// A change by the cookie of a session needs what only this session's own pages know. A token needs none of it: no
/// browser sends one by itself.
fn own_change(session: &Session, headers: &HeaderMap) -> Result<(), Problem> {
    if session.held.is_none() {
        return Ok(());
    }
    cookie::check_origin(headers, false)?;
    let is_own = text_of(headers, &CSRF).is_some_and(|sent| csrf::is_own(session, sent));
    if is_own { Ok(()) } else { Err(Code::ForeignForm.into()) }
}

/// A form that one of this session's own pages sent. Its key makes sending it twice record its facts once.
fn own_form(mut session: Session, headers: &HeaderMap, body: &[u8]) -> Result<Session, Problem> {
    if !form::is_form(headers) {
        return Err(Code::UnsupportedMediaType.into());
    }
    if session.held.is_some() {
        cookie::check_origin(headers, true)?;
    }
    let sent = form::Form::read(body)?;
    if !csrf::is_own(&session, sent.text(csrf::FIELD)) {
        return Err(Code::ForeignForm.into());
    }
    let key = sent.text(form::KEY_FIELD);
    let is_key =
        !key.is_empty() && key.len() <= idempotency::MAX_KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_graphic());
    session.request_key = is_key.then(|| RequestKey(key.to_owned()));
    Ok(session)
}

/// Reads a body, and no more of it than is taken.
async fn whole(body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Problem::from(Code::BodyTooLarge).with("limit", limit.to_string()))
        }
        Err(_) => Err(Code::BadRequest.into()),
    }
}

/// A parameter that the route does not know would be silently without effect, so it is refused by name.
fn check_query(rule: &Rule, query: &str) -> Result<(), Problem> {
    if query.len() > MAX_QUERY_BYTES {
        return Err(Code::BadRequest.into());
    }
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).take(MAX_PARAMETERS + 1) {
        if !rule.parameters.iter().any(|known| *known == *name) {
            return Err(Problem::from(Code::UnknownParameter).with("parameter", shortened(&name)));
        }
        if seen.iter().any(|before| *before == *name) || seen.len() >= MAX_PARAMETERS {
            return Err(Problem::parameter(&name, "it is given more than once"));
        }
        if value.chars().any(char::is_control) {
            return Err(Problem::parameter(&name, "it has control characters in it"));
        }
        seen.push(name.into_owned());
    }
    Ok(())
}

/// A name from outside, short enough to be told back.
pub(crate) fn shortened(text: &str) -> String {
    /// The longest piece of a request that a problem repeats.
    const MAX_TOLD_CHARS: usize = 80;
    text.chars().filter(|letter| !letter.is_control()).take(MAX_TOLD_CHARS).collect()
}

fn check_accept(rule: &Rule, headers: &HeaderMap) -> Result<(), Problem> {
    // A browser takes what a page gives; which form its scripts name in asking matters to nobody.
    if rule.produces == Produces::Page {
        return Ok(());
    }
    let Some(accept) = text_of(headers, &header::ACCEPT) else { return Ok(()) };
    let produced = rule.produces.media_type();
    let family = produced.split('/').next().unwrap_or_default();
    let takes = |wish: &str| {
        let mut parts = wish.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let is_refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let fits = kind == "*/*" || kind.eq_ignore_ascii_case(produced) || kind.strip_suffix("/*") == Some(family);
        fits && !is_refused
    };
    if accept.trim().is_empty() || accept.split(',').any(takes) {
        return Ok(());
    }
    Err(Problem::from(Code::NotAcceptable).with("produces", produced))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn rule() -> Rule {
        Rule {
            name: Arc::from("GET /x"),
            access: Access::Public,
            parameters: vec!["filter".to_owned(), "after".to_owned()],
            produces: Produces::Json,
            max_body_bytes: 10,
        }
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let problem = check_query(&rule(), "filter=a&colour=blue").unwrap_err();
        assert_eq!(
            (problem.code, problem.args.as_slice()),
            (Code::UnknownParameter, &[("parameter", "colour".to_owned())][..])
        );
        assert!(check_query(&rule(), "filter=a&filter=b").is_err());
        assert!(check_query(&rule(), "filter=a%3Ab&after=x").is_ok());
    }

    #[test]
    fn a_caller_who_accepts_no_json_is_told_what_there_is() {
        for (accept, goes) in [
            ("application/json", true),
            ("text/html, */*;q=0.1", true),
            ("application/*", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(check_accept(&rule(), &headers).is_ok(), goes, "{accept}");
        }
    }
}
