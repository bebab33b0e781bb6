//! What an id token of Entra ID has to be: signed by one of the tenant's keys, for us, for this sign-in, now. Pure.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 64 * 1024;
/// The most keys that are kept of a provider.
const MAX_KEYS: usize = 64;
/// How far the clocks of the provider and ours may be apart.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);
/// The one algorithm that is taken. What a token says about its algorithm chooses nothing.
const ALGORITHM: &str = "RS256";

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrongToken {
    #[error("it is no id token")]
    Shape,
    #[error("it is signed by an algorithm that is not taken")]
    Algorithm,
    #[error("it is signed by a key that the provider does not name")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it is of another issuer")]
    Issuer,
    #[error("it is of another tenant")]
    Tenant,
    #[error("it is for another audience")]
    Audience,
    #[error("it answers another sign-in")]
    Nonce,
    #[error("it has expired")]
    Expired,
    #[error("it is not good yet")]
    NotYet,
}

/// What is expected of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) tenant: Uuid,
    pub(crate) audience: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Timestamp,
}

/// What a good token says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) tenant: Uuid,
    pub(crate) object: Uuid,
    pub(crate) name: Option<String>,
    pub(crate) roles: BTreeSet<String>,
    /// When the person last proved itself to the provider, if it tells.
    pub(crate) proved: Option<Timestamp>,
    /// Whether that was with several factors; nothing when the provider does not tell.
    pub(crate) several_factors: Option<bool>,
}

/// The keys of a provider.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(BTreeMap<String, (Vec<u8>, Vec<u8>)>);

#[derive(Deserialize)]
struct Listed {
    keys: Vec<ListedKey>,
}

#[derive(Deserialize)]
struct ListedKey {
    kty: String,
    #[serde(rename = "use")]
    used_for: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Keys {
    /// Reads a JSON Web Key Set. Keys of other kinds are left out.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let listed: Listed = serde_json::from_slice(text).ok()?;
        let key = |key: ListedKey| {
            let is_signing = key.kty == "RSA" && key.used_for.as_deref().is_none_or(|used_for| used_for == "sig");
            let number = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
            let (kid, n, e) = (key.kid?, number(key.n)?, number(key.e)?);
            is_signing.then_some((kid, (n, e)))
        };
        Some(Self(listed.keys.into_iter().take(MAX_KEYS).filter_map(key).collect()))
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exp: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    tid: Option<Uuid>,
    oid: Option<Uuid>,
    name: Option<String>,
    #[serde(default)]
    roles: BTreeSet<String>,
    auth_time: Option<i64>,
    amr: Option<BTreeSet<String>>,
}

/// Checks a token, the signature first: nothing that it says is looked at before.
pub(crate) fn check(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Person, WrongToken> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(WrongToken::Shape);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(WrongToken::Shape)?;
    let (header, claims) = signed.split_once('.').ok_or(WrongToken::Shape)?;
    let header: Header = read(header)?;
    if header.alg != ALGORITHM {
        return Err(WrongToken::Algorithm);
    }
    let key = header.kid.as_ref().and_then(|kid| keys.0.get(kid)).ok_or(WrongToken::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| WrongToken::Shape)?;
    let key = RsaPublicKeyComponents { n: &key.0, e: &key.1 };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).map_err(|_| WrongToken::Signature)?;
    told(read(claims)?, expected)
}

fn told(claims: Claims, expected: &Expected<'_>) -> Result<Person, WrongToken> {
    let instant = |seconds: i64| Timestamp::from_second(seconds).map_err(|_| WrongToken::Shape);
    if claims.iss != expected.issuer {
        return Err(WrongToken::Issuer);
    }
    if claims.tid != Some(expected.tenant) {
        return Err(WrongToken::Tenant);
    }
    if claims.aud != expected.audience {
        return Err(WrongToken::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(WrongToken::Nonce);
    }
    if expected.now.duration_since(instant(claims.exp)?) >= CLOCKS_APART {
        return Err(WrongToken::Expired);
    }
    if let Some(nbf) = claims.nbf
        && instant(nbf)?.duration_since(expected.now) >= CLOCKS_APART
    {
        return Err(WrongToken::NotYet);
    }
    Ok(Person {
        tenant: expected.tenant,
        object: claims.oid.ok_or(WrongToken::Shape)?,
        name: claims.name,
        roles: claims.roles,
        proved: claims.auth_time.map(instant).transpose()?,
        several_factors: claims.amr.map(|ways| ways.contains("mfa")),
    })
}

fn read<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, WrongToken> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| WrongToken::Shape)?;
    serde_json::from_slice(&bytes).map_err(|_| WrongToken::Shape)
}
