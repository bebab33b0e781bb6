//! How a person of this trial gets in: by the link that it was given, with password and one-time codes, in a session
//! that outlives the program. What a person proves with a code it keeps for a few minutes.

use crate::calls::{Answer, call};
use sandbox::wall_clock;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;
use web::totp;

const PASSWORD: &str = "fyra gröna elefanter";
/// The wait between two looks at the clock, for the next code.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// A session, and the app that proves whose it is.
#[derive(Debug)]
pub(crate) struct Key {
    cookie: String,
    csrf: String,
    totp: String,
    used_step: Mutex<i64>,
}

impl Key {
    /// Comes in by a link.
    pub(crate) fn by_link(address: SocketAddr, path: &str) -> Self {
        let link = path.trim_start_matches("/welcome/");
        let post = |path: &str, body: &Value| {
            let answer = call(address, "POST", &format!("/api/v1{path}"), &[], &body.to_string()).unwrap();
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            answer
        };
        let offered = post("/enrolment:look", &json!({"link": link})).body;
        let totp = offered["totpSecret"].as_str().unwrap().to_owned();
        let step = totp::step_at(wall_clock());
        let code = totp::code(&totp, step).unwrap();
        let begun = post("/enrolment", &json!({"link": link, "password": PASSWORD, "code": code}));
        let cookie = begun.cookie.unwrap();
        let me = call(address, "GET", "/api/v1/me", &[("cookie", &cookie)], "").unwrap().body;
        let csrf = me["csrf"].as_str().unwrap().to_owned();
        Self { cookie, csrf, totp, used_step: Mutex::new(step) }
    }

    /// Asks with the session; proves anew who it is where that is demanded.
    pub(crate) fn ask(
        &self,
        address: SocketAddr,
        method: &str,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> std::io::Result<Answer> {
        let answer = self.once(address, method, path, body, key)?;
        if answer.body["code"] != "reauthenticationNeeded" {
            return Ok(answer);
        }
        let mut used = self.used_step.lock().unwrap();
        let step = (totp::step_at(wall_clock()) - 1).max(*used + 1);
        while totp::step_at(wall_clock()) < step - 1 {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        *used = step;
        drop(used);
        let code = json!({"code": totp::code(&self.totp, step).unwrap()});
        self.once(address, "POST", "/me/reauthentication", &code, None)?;
        self.once(address, method, path, body, key)
    }

    fn once(
        &self,
        address: SocketAddr,
        method: &str,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> std::io::Result<Answer> {
        let mut headers = vec![("cookie", self.cookie.as_str()), ("borgen-csrf", &self.csrf), ("if-match", "*")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        call(address, method, &format!("/api/v1{path}"), &headers, &body)
    }
}
