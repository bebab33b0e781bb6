//! Access tokens: app+user by the refresh token, app-only by client credentials, for the partner's tenant and for customers'.
//! Kept in memory until shortly before they lapse. A rotated refresh token is stored by the caller before anything uses it.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::call::{Call, CallContext};
use crate::cloud::Cloud;
use crate::error::{Error, NO_REFRESH_TOKEN};
use crate::ids::TenantId;
use crate::links::percent;
use crate::refusal;
use crate::seam::{Outbound, Request};
use crate::wire;

/// A token this close to its end is not used any more.
const EXPIRY_MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// What is believed of a token's life; Microsoft's live about an hour, longest a day.
const MAX_TOKEN_LIFE_SECONDS: i64 = 24 * 3600;
/// A token without a told life is used this long.
const DEFAULT_TOKEN_LIFE_SECONDS: i64 = 600;
/// How many tokens are kept; each customer tenant has up to two.
pub const MAX_CACHED_TOKENS: usize = 8192;
/// The largest answer of the login that is read.
const MAX_TOKEN_BYTES: usize = 256 * 1024;
/// How long the login may take.
const TOKEN_TIME_LIMIT: Duration = Duration::from_secs(20);

/// Who the partner's application is. Secrets show nothing when printed.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The partner's own tenant.
    pub partner_tenant: TenantId,
    /// The application's id.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: SecretString,
    /// The refresh token of the integration account's consent (Secure Application Model); without it only app-only calls go.
    pub refresh_token: Option<SecretString>,
}

/// Whom a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The application on behalf of the integration account, with MFA.
    AppUser,
    /// The application alone.
    AppOnly,
}

/// Why a rotated refresh token could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TokenStoreError {
    /// What went wrong, without the token.
    pub reason: String,
}

/// The future of storing a token.
pub type Keeping<'a> = Pin<Box<dyn Future<Output = Result<(), TokenStoreError>> + Send + 'a>>;

/// Stores a rotated refresh token durably. It returns only when the token is safe; until then nothing uses it.
pub trait TokenStore: Send + Sync + fmt::Debug {
    /// Replaces the stored refresh token of the partner's tenant.
    fn keep(&self, refresh_token: SecretString) -> Keeping<'_>;
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TokenKey {
    pub(crate) mode: Mode,
    pub(crate) audience: String,
    pub(crate) tenant: TenantId,
}

/// An access token, ready as a header (marked sensitive, so that it is never printed).
#[derive(Debug, Clone)]
struct Access {
    bearer: HeaderValue,
    good_until: Timestamp,
}

type Slot = Arc<tokio::sync::Mutex<Option<Access>>>;

/// The token cache of one client.
#[derive(Debug)]
pub(crate) struct Tokens {
    credentials: Credentials,
    refresh_token: tokio::sync::RwLock<Option<SecretString>>,
    store: Option<Arc<dyn TokenStore>>,
    slots: Mutex<HashMap<TokenKey, Slot>>,
}

/// The login's answer. Everything else in it (id token, scope) is not used.
#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    #[serde(default, deserialize_with = "wire::whole")]
    expires_in: Option<i64>,
}

impl Tokens {
    pub(crate) fn new(credentials: Credentials, store: Option<Arc<dyn TokenStore>>) -> Self {
        let refresh_token = tokio::sync::RwLock::new(credentials.refresh_token.clone());
        Self { credentials, refresh_token, store, slots: Mutex::new(HashMap::new()) }
    }

    pub(crate) fn partner_tenant(&self) -> &TenantId {
        &self.credentials.partner_tenant
    }

    pub(crate) fn has_user(&self) -> bool {
        self.credentials.refresh_token.is_some()
    }

    pub(crate) fn set_store(&mut self, store: Arc<dyn TokenStore>) {
        self.store = Some(store);
    }

    /// The bearer header for a key: from memory, else from the login. Callers of the same key wait for one request.
    pub(crate) async fn bearer(
        &self,
        outbound: &dyn Outbound,
        cloud: &Cloud,
        context: &CallContext,
        key: &TokenKey,
    ) -> Result<HeaderValue, Error> {
        let slot = self.slot(key, context.now);
        let mut access = slot.lock().await;
        if let Some(known) = access.as_ref().filter(|known| context.now < known.good_until) {
            return Ok(known.bearer.clone());
        }
        let fresh = self.ask(outbound, cloud, context, key).await?;
        let bearer = fresh.bearer.clone();
        *access = Some(fresh);
        Ok(bearer)
    }

    /// Forgets a token that Microsoft refused, unless another caller has replaced it already.
    pub(crate) async fn forget(&self, key: &TokenKey, refused: &HeaderValue, now: Timestamp) {
        let slot = self.slot(key, now);
        let mut access = slot.lock().await;
        if access.as_ref().is_some_and(|known| known.bearer == *refused) {
            *access = None;
        }
    }

    fn slot(&self, key: &TokenKey, now: Timestamp) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(key) {
            return Arc::clone(slot);
        }
        if slots.len() >= MAX_CACHED_TOKENS {
            // Whatever is in use right now stays; lapsed tokens go, and if none has lapsed, all do: they are only a cache.
            slots.retain(|_, slot| {
                slot.try_lock().map_or(true, |held| held.as_ref().is_some_and(|a| now < a.good_until))
            });
            if slots.len() >= MAX_CACHED_TOKENS {
                slots.clear();
            }
        }
        let slot = Slot::default();
        slots.insert(key.clone(), Arc::clone(&slot));
        slot
    }

    async fn ask(
        &self,
        outbound: &dyn Outbound,
        cloud: &Cloud,
        context: &CallContext,
        key: &TokenKey,
    ) -> Result<Access, Error> {
        let call = Call::read("get a token", &key.tenant);
        let form = self.form(&call, key).await?;
        let response = outbound
            .send(token_request(cloud, context, key, form))
            .await
            .map_err(|error| Error::unsent(&call, error))?;
        if response.status != 200 {
            return Err(refusal::read_login(&call, &response, context.now));
        }
        let granted: Granted = wire::parse(&call, "the login's answer", &response.body)?;
        self.keep_rotated(&call, key, granted.refresh_token).await?;
        access(&call, &granted.access_token, granted.expires_in, context.now)
    }

    async fn form(&self, call: &Call, key: &TokenKey) -> Result<String, Error> {
        let mut form = format!(
            "client_id={}&client_secret={}&resource={}",
            percent(&self.credentials.client_id),
            percent(self.credentials.client_secret.expose_secret()),
            percent(&key.audience),
        );
        match key.mode {
            Mode::AppOnly => form.push_str("&grant_type=client_credentials"),
            Mode::AppUser => {
                let held = self.refresh_token.read().await;
                let token = held
                    .as_ref()
                    .ok_or_else(|| Error::Unauthorized { call: call.clone(), code: NO_REFRESH_TOKEN.to_owned() })?;
                form.push_str("&grant_type=refresh_token&scope=openid&refresh_token=");
                form.push_str(&percent(token.expose_secret()));
            }
        }
        Ok(form)
    }

    /// Stores a rotated refresh token before it, or the access token that came with it, is used. Only the partner tenant's
    /// own is kept: one issued by a customer's tenant must not replace the consent.
    async fn keep_rotated(&self, call: &Call, key: &TokenKey, rotated: Option<SecretString>) -> Result<(), Error> {
        let Some(rotated) = rotated else {
            return Ok(());
        };
        if key.mode != Mode::AppUser || key.tenant != self.credentials.partner_tenant {
            return Ok(());
        }
        let mut held = self.refresh_token.write().await;
        if held.as_ref().is_some_and(|known| known.expose_secret() == rotated.expose_secret()) {
            return Ok(());
        }
        if let Some(store) = &self.store {
            store
                .keep(rotated.clone())
                .await
                .map_err(|error| Error::TokenNotKept { call: call.clone(), reason: error.reason })?;
        }
        *held = Some(rotated);
        Ok(())
    }
}

fn access(call: &Call, token: &SecretString, expires_in: Option<i64>, now: Timestamp) -> Result<Access, Error> {
    let malformed =
        |place: &str| Error::Malformed { call: call.clone(), what: "the login's answer", place: place.to_owned() };
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| malformed("access_token"))?;
    bearer.set_sensitive(true);
    let seconds = expires_in.unwrap_or(DEFAULT_TOKEN_LIFE_SECONDS).clamp(0, MAX_TOKEN_LIFE_SECONDS);
    let life = SignedDuration::from_secs(seconds);
    // A very short life is used to its half, or the margin would eat it whole.
    let good_until = now.checked_add(life - EXPIRY_MARGIN.min(life / 2)).map_err(|_| malformed("expires_in"))?;
    Ok(Access { bearer, good_until })
}

fn token_request(cloud: &Cloud, context: &CallContext, key: &TokenKey, form: String) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    if let Ok(id) = HeaderValue::from_str(&context.correlation_id.to_string()) {
        headers.insert("client-request-id", id);
    }
    Request {
        method: Method::POST,
        url: cloud.token_url(key.tenant.as_str()),
        headers,
        body: Some(form.into_bytes()),
        time_limit: TOKEN_TIME_LIMIT,
        max_response_bytes: MAX_TOKEN_BYTES,
    }
}
