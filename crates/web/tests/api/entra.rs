//! Signing in by Entra ID, against a provider of our own on the loopback, over real HTTP: what it should be, and every
//! way in which a token may be wrong.

use crate::sign_in::cookie;
use crate::world::{Answer, World, id};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{AccountId, Hash, TenantId};
use domain::permission::Role;
use http::Method;
use microsoft::Cloud;
use microsoft::ReqwestOutbound;
use microsoft::seam::{Outbound, Request};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use web::{AskProvider, Asking, EntraSettings, NotTold, SignIn, Told};

const CLIENT: &str = "borgen-app";
const SECRET: &str = "s3cret";

fn tenant() -> uuid::Uuid {
    id(0x7e)
}

/// A key of the provider: private, and as it is published.
struct SigningKey {
    kid: &'static str,
    pair: KeyPair,
}

impl SigningKey {
    fn new(kid: &'static str) -> Self {
        Self { kid, pair: KeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// The public numbers, read from PKCS#1.
    fn published(&self) -> Value {
        let der = self.pair.public_key().as_ref().to_vec();
        let mut rest = body(&der).0;
        let mut number = || {
            let (value, after) = body(rest);
            rest = after;
            let zeros = value.iter().take_while(|byte| **byte == 0).count();
            URL_SAFE_NO_PAD.encode(&value[zeros..])
        };
        json!({"kty": "RSA", "use": "sig", "kid": self.kid, "n": number(), "e": number()})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The body of a DER value and what comes after it.
fn body(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, from) = match der[1] {
        short if short < 0x80 => (usize::from(short), 2),
        long => {
            let bytes = usize::from(long & 0x7f);
            let length = der[2..2 + bytes].iter().fold(0, |length, byte| length * 256 + usize::from(*byte));
            (length, 2 + bytes)
        }
    };
    (&der[from..from + length], &der[from + length..])
}

/// What the provider answers.
#[derive(Default)]
struct Answers {
    keys: Vec<Value>,
    keys_asked: usize,
    id_token: String,
    challenge: String,
    /// What was wrong with what the client sent for a code.
    complaint: Option<String>,
}

struct Provider {
    address: String,
    answers: Arc<Mutex<Answers>>,
}

impl Provider {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::<Mutex<Answers>>::default();
        let (shared, base) = (Arc::clone(&answers), address.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &base, &shared);
            }
        });
        Self { address, answers }
    }
}

fn serve(mut stream: TcpStream, base: &str, answers: &Mutex<Answers>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).unwrap();
    let mut answers = answers.lock().unwrap();
    let tenant = tenant();
    let told = if path.ends_with("/.well-known/openid-configuration") {
        json!({
            "issuer": format!("{base}/{tenant}/v2.0"),
            "authorization_endpoint": format!("{base}/{tenant}/authorize"),
            "token_endpoint": format!("{base}/{tenant}/token"),
            "jwks_uri": format!("{base}/{tenant}/keys"),
        })
    } else if path.ends_with("/keys") {
        answers.keys_asked += 1;
        json!({"keys": answers.keys})
    } else {
        answers.complaint = complaint(&sent, &answers.challenge);
        json!({"id_token": answers.id_token, "token_type": "Bearer"})
    };
    let body = told.to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", body.len());
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).unwrap();
}

/// What a provider would refuse in what is sent for a code.
fn complaint(sent: &[u8], challenge: &str) -> Option<String> {
    let fields: BTreeMap<String, String> = form_urlencoded::parse(sent).into_owned().collect();
    let verifier = fields.get("code_verifier").cloned().unwrap_or_default();
    let expected =
        [("client_id", CLIENT), ("client_secret", SECRET), ("grant_type", "authorization_code"), ("code", "c0de")];
    let wrong = expected.into_iter().find(|(name, value)| fields.get(*name).map(String::as_str) != Some(value));
    if let Some((name, _)) = wrong {
        return Some(format!("{name}: {fields:?}"));
    }
    let made = URL_SAFE_NO_PAD.encode(Hash::of(verifier.as_bytes()).0);
    (verifier.len() < 43 || made != challenge).then(|| format!("the verifier {verifier} is not that of {challenge}"))
}

/// The seam, by the real client.
#[derive(Debug)]
struct OverHttp(ReqwestOutbound);

impl AskProvider for OverHttp {
    fn ask<'a>(&'a self, url: &'a str, form: Option<String>) -> Asking<'a> {
        Box::pin(async move {
            let mut headers = http::HeaderMap::new();
            let kind = http::HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(http::header::CONTENT_TYPE, kind);
            let request = Request {
                method: if form.is_some() { Method::POST } else { Method::GET },
                url: url.to_owned(),
                headers,
                body: form.map(String::into_bytes),
                time_limit: Duration::from_secs(10),
                max_response_bytes: 1_000_000,
            };
            let told = self.0.send(request).await.map_err(|error| NotTold(error.to_string()))?;
            Ok(Told { status: told.status, body: told.body })
        })
    }
}

/// A partner whose people sign in at the provider.
struct Stage {
    world: World,
    provider: Provider,
    key: SigningKey,
}

/// A browser that is on its way back.
struct Away {
    cookie: String,
    state: String,
    nonce: String,
}

impl Stage {
    async fn set() -> Self {
        let provider = Provider::start();
        let key = SigningKey::new("one");
        provider.answers.lock().unwrap().keys = vec![key.published()];
        let settings = EntraSettings {
            authority: provider.address.clone(),
            tenant: TenantId(tenant()),
            client_id: CLIENT.to_owned(),
            client_secret: SecretString::from(SECRET),
            public_url: "https://borgen.example.com".to_owned(),
            roles: EntraSettings::usual_roles(),
            ask: Arc::new(OverHttp(ReqwestOutbound::new(&Cloud::sandbox(&provider.address)).unwrap())),
        };
        let world = World::quiet().await.signing_in(SignIn { clock: None, entra: Some(settings) });
        Self { world, provider, key }
    }

    /// A browser goes to the provider.
    async fn leave(&self, path: &str, cookies: &str) -> Away {
        let left = self.world.get(path).header("cookie", cookies).send().await.is(303);
        let (address, query) = left.header("location").split_once('?').unwrap();
        assert_eq!(address, format!("{}/{}/authorize", self.provider.address, tenant()));
        let asked: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        assert_eq!(asked["redirect_uri"], "https://borgen.example.com/sign-in/entra/return");
        if path.starts_with("/prove") {
            assert_eq!((asked["prompt"].as_str(), asked["max_age"].as_str()), ("login", "0"));
        }
        self.provider.answers.lock().unwrap().challenge.clone_from(&asked["code_challenge"]);
        Away { cookie: cookie(&left), state: asked["state"].clone(), nonce: asked["nonce"].clone() }
    }

    fn claims(&self, away: &Away) -> Value {
        let now = self.world.now().as_second();
        json!({
            "iss": format!("{}/{}/v2.0", self.provider.address, tenant()),
            "aud": CLIENT,
            "tid": tenant(),
            "oid": id(0x0b),
            "name": "Åsa Ek",
            "nonce": away.nonce,
            "iat": now,
            "nbf": now,
            "exp": now + 3_600,
            "auth_time": now,
            "roles": ["admin_agent"],
        })
    }

    fn answers_with(&self, claims: &Value) {
        let token = self.key.sign(&json!({"alg": "RS256", "kid": self.key.kid, "typ": "JWT"}), claims);
        self.provider.answers.lock().unwrap().id_token = token;
    }

    /// The browser comes back.
    async fn back(&self, away: &Away, cookies: &str) -> Answer {
        let path = format!("/sign-in/entra/return?code=c0de&state={}&session_state=x", away.state);
        let cookies = format!("{}; {cookies}", away.cookie);
        let answer = self.world.get(&path).header("cookie", &cookies).send().await;
        assert_eq!(self.provider.answers.lock().unwrap().complaint, None);
        answer
    }

    /// A whole sign-in with claims that were changed.
    async fn with(&self, change: impl FnOnce(&mut Value)) -> Answer {
        let away = self.leave("/sign-in/entra", "").await;
        let mut claims = self.claims(&away);
        change(&mut claims);
        self.answers_with(&claims);
        self.back(&away, "").await
    }
}

/// The cookie of the session, among those that are set.
fn session(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").into_iter().map(|set| set.to_str().unwrap().to_owned());
    let mut sessions = set.filter(|set| set.starts_with("__Host-borgen="));
    sessions.next().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_of_the_tenant_comes_in_with_the_roles_it_has_there_under_its_object_id() {
    let stage = Stage::set().await;
    let first = stage.with(|_| {}).await.is(303);
    let me = stage.world.get("/api/v1/me").header("cookie", &session(&first)).send().await.is(200).json();
    let account = AccountId::of_entra_user(TenantId(tenant()), id(0x0b));
    assert_eq!(
        (&me["id"], &me["roles"], &me["entry"]),
        (&json!(account.to_string()), &json!(["admin_agent"]), &json!("entra"))
    );
    assert_eq!(me["scope"]["all"], false, "who is new sees no customer until somebody says which");
    // Another name and other roles: the same person.
    let again = stage.with(|claims| {
        claims["name"] = json!("Åsa Berg");
        claims["roles"] = json!(["global_administrator", "something_else"]);
    });
    let again = again.await.is(303);
    let me = stage.world.get("/api/v1/me").header("cookie", &session(&again)).send().await.is(200).json();
    assert_eq!((&me["id"], &me["roles"]), (&json!(account.to_string()), &json!(["global_administrator"])));
    let auditor = stage.with(|claims| claims["roles"] = json!(["auditor", "global_administrator"])).await.is(303);
    let me = stage.world.get("/api/v1/me").header("cookie", &session(&auditor)).send().await.is(200).json();
    assert_eq!(me["roles"], json!(["auditor"]));
    stage.with(|claims| claims["roles"] = json!(["something_else"])).await.problem(403, "noRole");
}

#[tokio::test]
async fn a_token_that_is_wrong_in_any_way_lets_nobody_in() {
    let stage = Stage::set().await;
    let now = stage.world.now().as_second();
    let other = format!("{}/{}/v2.0", stage.provider.address, id(0xbad));
    for (claim, value) in [
        ("iss", json!(other)),
        ("iss", json!("https://evil.example")),
        ("tid", json!(id(0xbad))),
        ("tid", Value::Null),
        ("aud", json!("another-app")),
        ("aud", json!([CLIENT, "another-app"])),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("exp", json!(now - 300)),
        ("nbf", json!(now + 300)),
        ("oid", Value::Null),
    ] {
        let answer = stage.with(|claims| claims[claim] = value.clone()).await;
        assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 0, "{claim} {value}");
        answer.problem(401, "signInRefused");
    }
    stage.with(|claims| claims["exp"] = json!(now - 299)).await.is(303);
}

#[tokio::test]
async fn only_the_providers_own_signature_counts() {
    let stage = Stage::set().await;
    let away = stage.leave("/sign-in/entra", "").await;
    let claims = stage.claims(&away);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(&json!({"alg": "none", "kid": "one"})), part(&claims));
    let good = stage.key.sign(&json!({"alg": "RS256", "kid": "one"}), &claims);
    let by_another = SigningKey::new("one").sign(&json!({"alg": "RS256", "kid": "one"}), &claims);
    let symmetric = stage.key.sign(&json!({"alg": "HS256", "kid": "one"}), &claims);
    let elsewhere = json!({"alg": "RS256", "kid": "two", "jku": "https://evil.example/keys"});
    let elsewhere = SigningKey::new("two").sign(&elsewhere, &claims);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let mut changed = claims.clone();
    changed["roles"] = json!(["global_administrator"]);
    let swapped = format!("{}.{}.{signature}", signed.split('.').next().unwrap(), part(&changed));
    for token in [unsigned, by_another, symmetric, elsewhere, swapped, signed.to_owned(), String::new()] {
        let away = stage.leave("/sign-in/entra", "").await;
        stage.provider.answers.lock().unwrap().id_token = token;
        stage.back(&away, "").await.problem(401, "signInRefused");
    }
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_learnt_and_asked_for_once_a_minute_at_most() {
    let mut stage = Stage::set().await;
    stage.with(|_| {}).await.is(303);
    stage.key = SigningKey::new("two");
    let published = stage.key.published();
    for _ in 0..5 {
        stage.with(|_| {}).await.problem(401, "signInRefused");
    }
    let asked = || stage.provider.answers.lock().unwrap().keys_asked;
    assert_eq!(asked(), 1, "unknown keys make no storm of questions");
    stage.provider.answers.lock().unwrap().keys = vec![published];
    stage.world.wait(1);
    stage.with(|_| {}).await.is(303);
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn the_way_back_is_gone_once_by_the_browser_that_went() {
    let stage = Stage::set().await;
    let (away, other) = (stage.leave("/sign-in/entra", "").await, stage.leave("/sign-in/entra", "").await);
    let mixed = Away { cookie: other.cookie.clone(), state: away.state.clone(), nonce: away.nonce.clone() };
    stage.back(&mixed, "").await.problem(401, "signInRefused");
    let path = format!("/sign-in/entra/return?code=c0de&state={}", away.state);
    stage.world.get(&path).send().await.problem(401, "signInRefused");
    let away = stage.leave("/sign-in/entra", "").await;
    stage.answers_with(&stage.claims(&away));
    stage.back(&away, "").await.is(303);
    stage.back(&away, "").await.problem(401, "signInRefused");
}

#[tokio::test]
async fn who_may_no_longer_come_in_stays_out() {
    let stage = Stage::set().await;
    stage.with(|_| {}).await.is(303);
    let admin = stage.world.person(&[Role::UserAdministrator]).await;
    let account = AccountId::of_entra_user(TenantId(tenant()), id(0x0b));
    let path = format!("/api/v1/users/{account}");
    let out = stage.world.ask(Method::PATCH, &path).by(&admin).based_on("*").json(&json!({"active": false}));
    out.send().await.is(200);
    stage.with(|_| {}).await.problem(401, "signInRefused");
}

#[tokio::test]
async fn a_fresh_proof_is_one_that_the_provider_dates_by_the_same_person() {
    let stage = Stage::set().await;
    let begun = stage.with(|claims| claims["auth_time"] = json!(0)).await.is(303);
    let held = session(&begun);
    let me = stage.world.get("/api/v1/me").header("cookie", &held).send().await.is(200).json();
    let token = json!({"label": "laptop", "expires": "2026-12-24T00:00:00Z"});
    let ask = async || {
        let ask = stage.world.post("/api/v1/me/tokens").header("cookie", &held);
        let ask = ask.header("borgen-csrf", me["csrf"].as_str().unwrap()).header("sec-fetch-site", "same-origin");
        ask.json(&token).send().await
    };
    ask().await.problem(403, "reauthenticationNeeded");
    let now = stage.world.now().as_second();
    for (claim, value) in
        [("auth_time", json!(now - 300)), ("auth_time", Value::Null), ("oid", json!(id(0x0c))), ("amr", json!(["pwd"]))]
    {
        let away = stage.leave("/prove/entra", &held).await;
        let mut claims = stage.claims(&away);
        claims[claim] = value;
        stage.answers_with(&claims);
        stage.back(&away, &held).await.problem(403, "reauthenticationNeeded");
        ask().await.problem(403, "reauthenticationNeeded");
    }
    let away = stage.leave("/prove/entra", &held).await;
    stage.answers_with(&stage.claims(&away));
    stage.back(&away, &held).await.is(303);
    ask().await.is(201);
}
