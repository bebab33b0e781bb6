//! A signed webhook, as the public specification "Standard Webhooks" has it: the id stays over tries, the signature is
//! HMAC-SHA256 over id, time of the try and body.

use crate::channel::ChannelError;
use crate::message::Message;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::Sha256;

/// How a secret begins.
const PREFIX: &str = "whsec_";
/// The shortest key of a signature, in bytes.
pub const MIN_SECRET_BYTES: usize = 24;
/// The longest.
const MAX_SECRET_BYTES: usize = 64;

/// That a secret is one, told when settings are read and not at 03:00.
pub(crate) fn checked(secret: &SecretString) -> Result<(), ChannelError> {
    key(secret).map(|_| ())
}

fn key(secret: &SecretString) -> Result<Vec<u8>, ChannelError> {
    let text = secret.expose_secret().trim();
    let decoded = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
    let fits = |key: &Vec<u8>| (MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&key.len());
    decoded.filter(fits).ok_or(ChannelError::Secret)
}

/// The body: thin, since whoever reads it may not be who may see the customer.
pub(crate) fn body(message: &Message) -> Vec<u8> {
    let words = message.words();
    let id = message.about().map(|(what, id)| json!({ "kind": what, "id": id }));
    let body = json!({
        "type": message.kind(),
        "timestamp": message.at.to_string(),
        "data": { "title": words.title, "text": words.text, "about": id, "link": message.link() },
    });
    body.to_string().into_bytes()
}

/// The headers of one try.
pub(crate) fn headers(
    message: &Message,
    body: &[u8],
    secret: &SecretString,
) -> Result<Vec<(&'static str, String)>, ChannelError> {
    let seconds = message.at.as_second().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).map_err(|_| ChannelError::Secret)?;
    mac.update(format!("{}.{seconds}.", message.id).as_bytes());
    mac.update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Ok(vec![
        ("webhook-id", message.id.clone()),
        ("webhook-timestamp", seconds),
        ("webhook-signature", format!("v1,{signature}")),
    ])
}
