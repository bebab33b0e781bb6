//! Asking the provider: its addresses once, its keys when one is unknown, tokens for codes.

use super::id_token::{Expected, Keys, Person, WrongToken, check};
use super::{Entra, NotTold, Told};
use crate::app::App;
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::sync::Arc;

/// Keys are asked for at most this often, however many unknown ones tokens name.
const KEYS_ASKED_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Keys are asked for anew after this long, so that one that was withdrawn is not taken for ever.
const KEYS_GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    NotTold(#[from] NotTold),
    #[error("the provider answered {0} to {1}")]
    Status(u16, &'static str),
    #[error("the provider's answer to {0} can't be read, or names addresses that are not its own")]
    Unreadable(&'static str),
    #[error("the id token is not taken: {0}")]
    Token(#[from] WrongToken),
}

/// The provider's addresses.
#[derive(Debug, Deserialize)]
pub(super) struct Addresses {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Entra {
    /// The provider's addresses, asked for once. They have to be its own.
    pub(super) async fn addresses(&self) -> Result<Arc<Addresses>, Failure> {
        let mut known = self.known.lock().await;
        if let Some(addresses) = &known.addresses {
            return Ok(Arc::clone(addresses));
        }
        let url = format!("{}/.well-known/openid-configuration", self.issuer());
        let told = good(self.settings.ask.ask(&url, None).await?, "discovery")?;
        let addresses: Addresses = serde_json::from_slice(&told.body).map_err(|_| Failure::Unreadable("discovery"))?;
        let below = format!("{}/", self.settings.authority);
        let named = [&addresses.authorization_endpoint, &addresses.token_endpoint, &addresses.jwks_uri];
        if addresses.issuer != self.issuer() || !named.iter().all(|url| url.starts_with(&below)) {
            return Err(Failure::Unreadable("discovery"));
        }
        let addresses = Arc::new(addresses);
        known.addresses = Some(Arc::clone(&addresses));
        Ok(addresses)
    }

    /// The provider's keys; anew when they are old, or when one is wanted that is not among them.
    async fn keys(&self, app: &App, anew: bool) -> Result<Arc<Keys>, Failure> {
        let addresses = self.addresses().await?;
        let mut known = self.known.lock().await;
        let now = app.doors().clock.now();
        let asked_before = known.keys_asked.map(|asked| now.duration_since(asked));
        let is_due = asked_before.is_none_or(|before| before >= KEYS_GOOD_FOR || (anew && before >= KEYS_ASKED_EVERY));
        if is_due {
            let told = good(self.settings.ask.ask(&addresses.jwks_uri, None).await?, "its keys")?;
            known.keys = Arc::new(Keys::read(&told.body).ok_or(Failure::Unreadable("its keys"))?);
            known.keys_asked = Some(now);
        }
        Ok(Arc::clone(&known.keys))
    }

    /// The person whom a code is for.
    pub(super) async fn person(&self, app: &App, code: &str, verifier: &str, nonce: &str) -> Result<Person, Failure> {
        let addresses = self.addresses().await?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("client_secret", self.settings.client_secret.expose_secret())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.return_address())
            .append_pair("code_verifier", verifier)
            .finish();
        let told = good(self.settings.ask.ask(&addresses.token_endpoint, Some(form)).await?, "the code")?;
        let tokens: Tokens = serde_json::from_slice(&told.body).map_err(|_| Failure::Unreadable("the code"))?;
        let issuer = self.issuer();
        let expected = Expected {
            issuer: &issuer,
            tenant: self.settings.tenant.0,
            audience: &self.settings.client_id,
            nonce,
            now: app.doors().clock.now(),
        };
        let keys = self.keys(app, false).await?;
        match check(&tokens.id_token, &keys, &expected) {
            // The provider may have begun to sign with another key since.
            Err(WrongToken::UnknownKey) => Ok(check(&tokens.id_token, &*self.keys(app, true).await?, &expected)?),
            checked => Ok(checked?),
        }
    }
}

fn good(told: Told, what: &'static str) -> Result<Told, Failure> {
    if told.status == 200 { Ok(told) } else { Err(Failure::Status(told.status, what)) }
}
