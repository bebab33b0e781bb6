//! The client of Borgen's own REST interface: the one place of the program that sends HTTP requests. It knows tokens,
//! versions (`ETag`), idempotency keys and how an answer becomes an exit; what is asked is the commands'.

use crate::config::Loaded;
use crate::console::Console;
use crate::exit::Exit;
pub(crate) use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, ETAG, IF_MATCH, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// Where the interface begins below the server's address.
pub(crate) const BASE: &str = "/api/v1";
/// The most pages that a list is read through; a longer one is for `audit export`.
const MAX_PAGES: usize = 1_000;
/// The largest answer that is read at once.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// The header that carries the proof.
const PROOF: &str = "borgen-reauthentication";
/// How long a long answer may take in all.
const EXPORT_LIMIT: Duration = Duration::from_hours(24);
/// How long a connection may take to come about; a third of a long limit, since a busy machine is slow in that as well.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A client for one user of one server.
#[derive(Debug)]
pub(crate) struct Remote<'a> {
    console: &'a Console,
    client: reqwest::Client,
    server: String,
    token: Option<SecretString>,
}

/// An answer that went well.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The version of the resource, to be sent back when it is changed.
    pub(crate) etag: Option<String>,
    /// The body; null when there is none.
    pub(crate) body: Value,
}

impl<'a> Remote<'a> {
    /// A client as the settings say.
    pub(crate) fn from_settings(console: &'a Console, settings: &Loaded) -> anyhow::Result<Self> {
        let limit = Duration::from_secs(settings.number("client.time_limit_seconds"));
        Self::new(console, &settings.server(), settings.secret("client.token"), limit)
    }

    /// A client for a user of a server.
    pub(crate) fn new(
        console: &'a Console,
        server: &str,
        token: Option<SecretString>,
        limit: Duration,
    ) -> anyhow::Result<Self> {
        if reqwest::Url::parse(server).ok().is_none_or(|url| !url.has_host()) {
            return Err(console.fail(Exit::Usage, "server-no-url", &[("server", &server)]));
        }
        let client = reqwest::Client::builder()
            .timeout(limit)
            .connect_timeout(CONNECT_LIMIT.max(limit / 3))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("borgen/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { console, client, server: server.trim_end_matches('/').to_owned(), token })
    }

    /// Reads a resource.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// Reads something beside the interface, whatever the server answers.
    pub(crate) async fn outside(&self, path: &str) -> anyhow::Result<Answer> {
        self.exchange(self.at(Method::GET, format!("{}{path}", self.server))).await
    }

    /// Tells something to another server's own controls, as those of the simulated Microsoft.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        Ok(self.send(self.at(method, format!("{}{path}", self.server)).json(body)).await?.body)
    }

    /// Adds something. The key makes a repeat harmless.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(self.keyed(path, body)).await
    }

    /// Changes a resource as it was read: `etag` says which version that was.
    pub(crate) async fn change(&self, path: &str, etag: Option<&str>, body: &Value) -> anyhow::Result<Answer> {
        let request = self.keyed(path, body);
        self.send(if let Some(etag) = etag { request.header(IF_MATCH, etag) } else { request }).await
    }

    /// As [`Remote::change`], with the proof that this is the user and nobody at an unlocked screen.
    pub(crate) async fn change_proved(
        &self,
        path: &str,
        etag: Option<&str>,
        body: &Value,
        proof: Option<SecretString>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.keyed(path, body);
        if let Some(etag) = etag {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(proof) = proof {
            request = request.header(PROOF, proof.expose_secret());
        }
        self.send(request).await
    }

    /// Shows what the authenticator app shows and gets a proof for it, good once and for a few minutes.
    pub(crate) async fn reauthenticate(&self, code: &str) -> anyhow::Result<SecretString> {
        let body = self.post("/me/reauthentication", &serde_json::json!({"code": code})).await?.body;
        Ok(SecretString::from(body.get("token").and_then(Value::as_str).unwrap_or_default()))
    }

    /// Takes something away.
    pub(crate) async fn delete(&self, path: &str, etag: Option<&str>) -> anyhow::Result<Answer> {
        let request = self.request(Method::DELETE, path);
        self.send(if let Some(etag) = etag { request.header(IF_MATCH, etag) } else { request }).await
    }

    /// Reads a list through its pages, up to `limit` items.
    pub(crate) async fn list(&self, path: &str, limit: usize) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut next = Some(path.to_owned());
        for _ in 0..MAX_PAGES {
            let Some(path) = next.filter(|_| items.len() < limit) else { break };
            let mut page = self.get(&path).await?.body;
            if let Some(Value::Array(more)) = page.get_mut("value").map(Value::take) {
                items.extend(more);
            }
            next = page.get("nextLink").and_then(Value::as_str).map(|link| self.below_the_base(link));
        }
        items.truncate(limit);
        Ok(items)
    }

    /// Reads a long answer piece by piece.
    pub(crate) async fn stream(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let request = self.request(Method::GET, path).timeout(EXPORT_LIMIT).build()?;
        let mut response = self.client.execute(request).await.map_err(|error| self.unreachable(&error))?;
        if !response.status().is_success() {
            return Err(self.refused(&self.read(response).await?));
        }
        while let Some(piece) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            take(&piece)?;
        }
        Ok(())
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with('/') {
            format!("{}{BASE}{path}", self.server)
        } else {
            format!("{}{BASE}/{path}", self.server)
        };
        self.at(method, url)
    }

    fn at(&self, method: Method, url: String) -> RequestBuilder {
        let request = self.client.request(method, url).header(ACCEPT_LANGUAGE, self.console.lang.word());
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {}", token.expose_secret())),
            None => request,
        }
    }

    fn keyed(&self, path: &str, body: &Value) -> RequestBuilder {
        let key = desk_key();
        self.request(Method::POST, path).header("idempotency-key", key.to_string()).json(body)
    }

    /// A link is absolute; only what is below the base is kept, so that a token never goes to another server.
    fn below_the_base(&self, link: &str) -> String {
        let path = link.strip_prefix(&self.server).unwrap_or(link);
        path.split_once(BASE).map_or(path, |(_, rest)| rest).to_owned()
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let answer = self.exchange(request).await?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.refused(&answer)) }
    }

    async fn exchange(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let response = self.client.execute(request.build()?).await.map_err(|error| self.unreachable(&error))?;
        self.read(response).await
    }

    async fn read(&self, mut response: reqwest::Response) -> anyhow::Result<Answer> {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (status, etag, wait) = (response.status().as_u16(), header(ETAG), header(RETRY_AFTER));
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + piece.len() > MAX_ANSWER_BYTES {
                return Err(self.console.fail(Exit::Remote, "answer-too-large", &[("server", &self.server)]));
            }
            bytes.extend_from_slice(&piece);
        }
        let mut body: Value =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap_or(Value::Null) };
        if let (Some(wait), Value::Object(members)) = (wait, &mut body) {
            members.entry("retryAfter").or_insert(Value::String(wait));
        }
        Ok(Answer { status, etag, body })
    }

    fn unreachable(&self, error: &reqwest::Error) -> anyhow::Error {
        let key = if error.is_timeout() { "server-silent" } else { "server-unreachable" };
        let text = self.console.text(key, &[("server", &self.server)]);
        self.console.failure(Exit::Remote, text, Some(self.console.text("server-start-hint", &[])))
    }

    /// What a refusal says, in the words of the server, which spoke the user's language.
    fn refused(&self, answer: &Answer) -> anyhow::Error {
        let member = |key: &str| answer.body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (title, detail) = (member("title"), member("detail"));
        let said = match (title.is_empty(), detail.is_empty()) {
            (true, true) => self.console.text("server-answered", &[("status", &answer.status)]),
            (_, true) => title,
            (true, _) => detail,
            (false, false) => format!("{title}: {detail}"),
        };
        let parts = answer.body.get("errors").and_then(Value::as_array).into_iter().flatten().filter_map(|part| {
            let member = |key: &str| part.get(key).and_then(Value::as_str);
            member("detail").or_else(|| member("message")).or_else(|| member("code")).map(|said| {
                let said = self.console.said(said);
                match member("field") {
                    Some(field) => format!("\n  {field}: {said}"),
                    None => format!("\n  {said}"),
                }
            })
        });
        // What a check of the policy refuses carries its reasons, in the language that was asked for.
        let reasons = answer.body.get("reasons").and_then(Value::as_array).into_iter().flatten();
        let reasons = reasons.filter_map(|reason| reason.get("text").and_then(Value::as_str));
        let reasons = reasons.map(|reason| format!("\n  {reason}"));
        let text: String = std::iter::once(said).chain(parts).chain(reasons).collect();
        let exit = Exit::of_status(answer.status);
        let hint = match answer.status {
            401 => Some(self.console.text("token-hint", &[])),
            403 if member("code") == "reauthenticationNeeded" => Some(self.console.text("code-hint", &[])),
            412 => Some(self.console.text("stale-hint", &[])),
            429 => Some(self.console.text("wait-hint", &[("seconds", &member("retryAfter"))])),
            _ => None,
        };
        self.console.failure(exit, text, hint)
    }
}

/// A key that no other request has.
fn desk_key() -> Uuid {
    desk::Entropy::key(&desk::seam::SystemEntropy)
}

/// Writes a value so that it can stand in a query.
pub(crate) fn query(value: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    value.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Answer, Remote, query};
    use crate::cli::Globals;
    use crate::console::Console;
    use crate::exit::{Exit, Failure};
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn a_refusal_of_the_policy_is_told_with_every_reason() {
        let console = Console::new(&Globals::default());
        let remote = Remote::new(&console, "http://127.0.0.1:1", None, Duration::from_secs(1)).unwrap();
        let body = json!({"title": "The policy refuses this", "detail": "Nothing was changed; `reasons` says why.",
                          "reasons": [{"code": "a", "text": "The tenant is on the protected list."},
                                      {"code": "b", "text": "Another action of the case is under way."}]});
        let refused = remote.refused(&Answer { status: 422, etag: None, body });
        let failure = refused.downcast_ref::<Failure>().unwrap();
        assert_eq!(failure.exit, Exit::Refused);
        let lines: Vec<&str> = failure.text.lines().skip(1).collect();
        assert_eq!(lines, ["  The tenant is on the protected list.", "  Another action of the case is under way."]);
    }

    #[test]
    fn a_value_in_a_query_says_nothing_else() {
        assert_eq!(query("severity:high owner:me&x=1"), "severity%3Ahigh%20owner%3Ame%26x%3D1");
        assert_eq!(query("åäö-_.~"), "%C3%A5%C3%A4%C3%B6-_.~");
    }
}
