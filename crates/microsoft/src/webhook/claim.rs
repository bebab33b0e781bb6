//! What a delivery claims of itself, read from its headers: signature, algorithm, where the certificate is. Only shape and
//! size are checked here, so that nothing costly follows a malformed delivery.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use super::Rejection;

/// The largest body of a delivery; Microsoft's have five short fields.
pub const MAX_EVENT_BYTES: usize = 16 * 1024;
/// RSA signatures of keys with 2048 to 8192 bits.
const SIGNATURE_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// The longest header that is read.
const MAX_HEADER_BYTES: usize = 2048;

const SIGNATURE: &str = "x-ms-signature";
const AUTHORIZATION: &str = "authorization";
const CERTIFICATE: &str = "x-ms-certificate-url";
const ALGORITHM: &str = "x-ms-signature-algorithm";

/// The hash under the RSA signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) signature: Vec<u8>,
    pub(super) algorithm: Algorithm,
    pub(super) certificate_url: &'a str,
}

impl<'a> Claim<'a> {
    pub(super) fn read(headers: &'a HeaderMap, body: &[u8]) -> Result<Self, Rejection> {
        // The registration decides which of the two carries the signature; the first is never a gateway's.
        let name = if headers.contains_key(SIGNATURE) { SIGNATURE } else { AUTHORIZATION };
        let signature = one(headers, name)?;
        let certificate_url = one(headers, CERTIFICATE)?;
        let algorithm = one(headers, ALGORITHM)?;
        let (scheme, encoded) = signature.split_once(' ').ok_or(Rejection::WrongScheme)?;
        if !scheme.eq_ignore_ascii_case("signature") {
            return Err(Rejection::WrongScheme);
        }
        if body.is_empty() || body.len() > MAX_EVENT_BYTES {
            return Err(Rejection::WrongSize);
        }
        let algorithm = algorithm_of(algorithm).ok_or(Rejection::AlgorithmNotAllowed)?;
        let signature = STANDARD.decode(encoded.trim()).map_err(|_| Rejection::UnreadableSignature)?;
        if !SIGNATURE_BYTES.contains(&signature.len()) {
            return Err(Rejection::UnreadableSignature);
        }
        Ok(Self { signature, algorithm, certificate_url })
    }
}

/// A header that is there exactly once; a second value would leave open which one was signed for.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Rejection> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Rejection::MissingHeader(name));
    };
    let text = value.to_str().map_err(|_| Rejection::MissingHeader(name))?.trim();
    if text.is_empty() || text.len() > MAX_HEADER_BYTES {
        return Err(Rejection::MissingHeader(name));
    }
    Ok(text)
}

fn algorithm_of(text: &str) -> Option<Algorithm> {
    let allowed =
        [("rsa-sha256", Algorithm::Sha256), ("rsa-sha384", Algorithm::Sha384), ("rsa-sha512", Algorithm::Sha512)];
    allowed.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, algorithm)| algorithm)
}
