//! Signing in by Entra ID: authorization code with PKCE, keyed by tenant and object id, roles by the app's roles. What
//! leaves the program goes through a seam that the program gives; what an id token has to be is in `id_token`.

pub(crate) mod arriving;
mod id_token;
mod provider;

use domain::ids::TenantId;
use domain::permission::Role;
use id_token::Keys;
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The tenant of Microsoft's private accounts, which are no partner's people.
const PRIVATE_ACCOUNTS: uuid::Uuid = uuid::Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad);

/// An answer of the provider, read to its end.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The HTTP status.
    pub status: u16,
    /// The body, bounded by whoever read it.
    pub body: Vec<u8>,
}

/// Why the provider did not answer, without secrets.
#[derive(Debug, thiserror::Error)]
#[error("the identity provider could not be asked: {0}")]
pub struct NotTold(pub String);

/// The future of one question.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Told, NotTold>> + Send + 'a>>;

/// How the identity provider is asked: once, without redirects, with limits of time and size.
pub trait AskProvider: std::fmt::Debug + Send + Sync {
    /// Reads an address, or with a form posts it there.
    fn ask<'a>(&'a self, url: &'a str, form: Option<String>) -> Asking<'a>;
}

/// How Entra ID is reached, and who we are there.
#[derive(Debug, Clone)]
pub struct EntraSettings {
    /// Where people sign in, without a slash at its end: `https://login.microsoftonline.com`.
    pub authority: String,
    /// The one tenant whose people are let in.
    pub tenant: TenantId,
    /// The id of the application that is registered for Borgen.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// How browsers reach this program, without a slash at its end.
    pub public_url: String,
    /// Which app role is which of ours.
    pub roles: BTreeMap<String, Role>,
    /// How the provider is asked.
    pub ask: Arc<dyn AskProvider>,
}

impl EntraSettings {
    /// The app roles as they are called when nobody says otherwise: by the words of ours.
    #[must_use]
    pub fn usual_roles() -> BTreeMap<String, Role> {
        Role::ALL.into_iter().map(|role| (role.word().to_owned(), role)).collect()
    }
}

/// Entra ID, and what is known of it.
#[derive(Debug)]
pub(crate) struct Entra {
    settings: EntraSettings,
    known: Mutex<Known>,
}

/// What the provider told about itself.
#[derive(Debug, Default)]
struct Known {
    addresses: Option<Arc<provider::Addresses>>,
    keys: Arc<Keys>,
    keys_asked: Option<Timestamp>,
}

impl Entra {
    /// Nothing when the settings name the tenant of private accounts.
    pub(crate) fn new(settings: EntraSettings) -> Option<Self> {
        let is_partners = settings.tenant.0 != PRIVATE_ACCOUNTS;
        is_partners.then(|| Self { settings, known: Mutex::default() })
    }

    /// The only issuer whose tokens are taken.
    fn issuer(&self) -> String {
        format!("{}/{}/v2.0", self.settings.authority, self.settings.tenant)
    }

    /// Where the provider sends browsers back to.
    fn return_address(&self) -> String {
        format!("{}{}", self.settings.public_url, arriving::RETURN)
    }
}
