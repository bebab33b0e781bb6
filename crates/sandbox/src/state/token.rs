//! Access and refresh tokens: made and read here, with a key that follows from the seed.
//! Which routes accept which token is decided in `routes/gate.rs`.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::draw::digest;

/// How long an access token lasts.
pub(crate) const TOKEN_SECONDS: i64 = 3_599;
/// Audience of Partner Center.
pub(crate) const PARTNER_CENTER_AUDIENCE: &str = "https://api.partnercenter.microsoft.com";
/// Audience of Microsoft Graph.
pub(crate) const GRAPH_AUDIENCE: &str = "https://graph.microsoft.com";
/// Audience of Azure Resource Manager.
pub(crate) const ARM_AUDIENCE: &str = "https://management.azure.com";

/// The claims that the sandbox puts into its access tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    pub(crate) tid: Uuid,
    pub(crate) oid: Uuid,
    pub(crate) appid: String,
    /// `user` or `app`.
    pub(crate) idtyp: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upn: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) amr: Vec<String>,
    pub(crate) jti: String,
}

impl Claims {
    /// Whether a person stands behind the token.
    pub(crate) fn is_user(&self) -> bool {
        self.idtyp == "user"
    }

    /// Whether the sign-in used multi-factor authentication.
    pub(crate) fn has_mfa(&self) -> bool {
        self.amr.iter().any(|method| method == "mfa")
    }

    pub(crate) fn is_for(&self, audience: &str) -> bool {
        self.aud.trim_end_matches('/').eq_ignore_ascii_case(audience)
    }
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadToken {
    Missing,
    Forged,
    Expired,
}

/// The key that signs this world's tokens.
#[derive(Clone)]
pub(crate) struct TokenKey(hmac::Key);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenKey")
    }
}

impl TokenKey {
    pub(crate) fn of_seed(seed: u64) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &digest(seed, "token key", 0)))
    }

    /// A signed JWT with these claims.
    pub(crate) fn issue(&self, claims: &Claims) -> String {
        let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","kid":"sandbox","typ":"JWT"}"#);
        let body = serde_json::to_vec(claims).unwrap_or_default();
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(body));
        let tag = hmac::sign(&self.0, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    /// The claims of an `Authorization: Bearer` value that this world issued and that has not expired.
    pub(crate) fn read(&self, header: Option<&str>, now: Timestamp) -> Result<Claims, BadToken> {
        let token = header
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(BadToken::Missing)?;
        let (signed, tag) = token.rsplit_once('.').ok_or(BadToken::Forged)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| BadToken::Forged)?;
        hmac::verify(&self.0, signed.as_bytes(), &tag).map_err(|_| BadToken::Forged)?;
        let (_, body) = signed.split_once('.').ok_or(BadToken::Forged)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| BadToken::Forged)?;
        let claims: Claims = serde_json::from_slice(&body).map_err(|_| BadToken::Forged)?;
        if now.as_second() >= claims.exp {
            return Err(BadToken::Expired);
        }
        Ok(claims)
    }

    /// A short text that only this world can have made: refresh tokens and page marks.
    pub(crate) fn seal(&self, purpose: &str, text: &str) -> String {
        let tag = hmac::sign(&self.0, format!("{purpose}\n{text}").as_bytes());
        let short: Vec<u8> = tag.as_ref().iter().take(16).copied().collect();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(short))
    }

    /// The text of a sealed value; none when it is not this world's or for another purpose.
    pub(crate) fn open(&self, purpose: &str, sealed: &str) -> Option<String> {
        let (text, _) = sealed.split_once('.')?;
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (self.seal(purpose, &text) == sealed).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_until_it_expires_and_not_after_tampering() {
        let key = TokenKey::of_seed(1);
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let claims = Claims {
            aud: PARTNER_CENTER_AUDIENCE.to_owned(),
            iss: "https://sts.windows.net/x/".to_owned(),
            iat: now.as_second(),
            nbf: now.as_second(),
            exp: now.as_second() + TOKEN_SECONDS,
            tid: Uuid::nil(),
            oid: Uuid::nil(),
            appid: "app".to_owned(),
            idtyp: "user".to_owned(),
            upn: Some("admin@example.com".to_owned()),
            amr: vec!["pwd".to_owned(), "mfa".to_owned()],
            jti: "1".to_owned(),
        };
        let header = format!("Bearer {}", key.issue(&claims));
        assert_eq!(key.read(Some(&header), now), Ok(claims));
        let later = Timestamp::from_second(now.as_second() + TOKEN_SECONDS).unwrap();
        assert_eq!(key.read(Some(&header), later), Err(BadToken::Expired));
        assert_eq!(key.read(Some(&format!("{header}A")), now), Err(BadToken::Forged));
        assert_eq!(key.read(None, now), Err(BadToken::Missing));
        assert_eq!(TokenKey::of_seed(2).read(Some(&header), now), Err(BadToken::Forged));
        let sealed = key.seal("page", "40");
        assert_eq!(key.open("page", &sealed).as_deref(), Some("40"));
        assert_eq!(key.open("other", &sealed), None);
    }
}
