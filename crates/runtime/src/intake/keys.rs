//! Who sends: the key of a connection, recognised by its digest.

use crate::tools::Tools;
use domain::ids::{AccountId, Hash};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use store::{StoreError, rows};
use subtle::ConstantTimeEq;

/// The longest key that is looked at.
const MAX_KEY_BYTES: usize = 256;

/// The connection whose key the request carries; nothing when it carries no good one.
pub(super) async fn connection(tools: &Tools, headers: &HeaderMap) -> Result<Option<AccountId>, StoreError> {
    let Some(key) = bearer(headers) else { return Ok(None) };
    let digest = Hash::of(key.as_bytes());
    let Some(found) = rows::users::token(tools.store(), digest).await? else { return Ok(None) };
    // The look-up goes by digest, so its time says nothing about keys; the last word is a comparison that says nothing
    // either.
    let same = bool::from(found.row.digest.0.ct_eq(&digest.0));
    let expired = found.row.expires.is_some_and(|expires| expires <= tools.now());
    if !same || expired {
        return Ok(None);
    }
    // A person's token is none of an intake's business.
    let connection = rows::connections::get(tools.store(), found.account).await?;
    Ok(connection.map(|connection| connection.account))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    let good = scheme.eq_ignore_ascii_case("bearer") && !key.is_empty() && key.len() <= MAX_KEY_BYTES;
    good.then_some(key)
}
