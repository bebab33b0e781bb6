//! Checks what arrives at Borgen's webhook, purely: cheap checks first, and nothing is fetched before they pass. A certificate
//! that is not at hand is asked of the caller. An event is a hint: its resource is read again before anything is decided.

mod certificates;
mod claim;
mod event;
mod trust;

use http::HeaderMap;
use jiff::Timestamp;

pub use certificates::{CertificateCache, CertificateUrl, FetchFailed, MAX_CERTIFICATE_BYTES, fetch};
pub use claim::MAX_EVENT_BYTES;
pub use event::{Event, EventName, EventSubject, ReplayKey};
pub use trust::{BadTrust, TrustRoots};

use crate::cloud::{CertificateSource, Cloud};
use certificates::Lookup;
use claim::Claim;
use trust::{Signed, Trust};

/// Why a delivery is not believed. Whoever posted it learns nothing of this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A header that every delivery has is not there, or is there twice.
    #[error("the header {0} is missing or told twice")]
    MissingHeader(&'static str),
    /// The signature header is not of the scheme `Signature`.
    #[error("the signature's scheme is not Signature")]
    WrongScheme,
    /// The body is empty or larger than `MAX_EVENT_BYTES`.
    #[error("the body is empty or too large")]
    WrongSize,
    /// The algorithm is not rsa-sha256, rsa-sha384 or rsa-sha512.
    #[error("the signature algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// The signature is no base64 or has no RSA signature's length.
    #[error("the signature cannot be read")]
    UnreadableSignature,
    /// The certificate's URL is not on the allow-list.
    #[error("the certificate's URL is not on the allow-list")]
    ForeignCertificateUrl,
    /// The certificate is not at hand: fetch it, then check again.
    #[error("the certificate must be fetched first")]
    Needs(CertificateUrl),
    /// The certificate could not be had a moment ago; it is not asked for again yet.
    #[error("the certificate cannot be had at present")]
    CertificateUnavailable,
    /// The certificate cannot be read.
    #[error("the certificate cannot be read")]
    UnreadableCertificate,
    /// The certificate or one above it has lapsed or is not valid yet.
    #[error("the certificate is not valid at this time")]
    CertificateNotValidNow,
    /// The certificate does not chain to a trusted root.
    #[error("the certificate does not chain to a trusted root")]
    UntrustedChain,
    /// The certificate's issuer is not an authority of Microsoft Corporation.
    #[error("the certificate's issuer is not Microsoft Corporation")]
    WrongOrganisation,
    /// The certificate is for another subject than the pinned one.
    #[error("the certificate is for another subject")]
    WrongSubject,
    /// The signature does not fit body and certificate.
    #[error("the signature does not fit the body")]
    WrongSignature,
    /// The body is signed and still no event.
    #[error("the signed body is no event")]
    UnreadableEvent,
}

/// Checks deliveries of one cloud.
#[derive(Debug, Clone)]
pub struct Verifier {
    source: CertificateSource,
    trust: Trust,
}

impl Verifier {
    /// A verifier that trusts these roots and the cloud's pinned subject and certificate hosts.
    pub fn new(cloud: &Cloud, roots: TrustRoots) -> Result<Self, BadTrust> {
        let trust = Trust::new(roots, cloud.certificate_subject.clone())?;
        Ok(Self { source: cloud.certificate_hosts.clone(), trust })
    }

    /// Checks one delivery, given its headers and its body as received. `Needs` is answered by `fetch` and a second check.
    /// The event's replay key is for the caller to remember: the signature has no time in it, so a delivery can be repeated.
    pub fn check(
        &self,
        headers: &HeaderMap,
        raw_body: &[u8],
        certificates: &CertificateCache,
        now: Timestamp,
    ) -> Result<Event, Rejection> {
        let claim = Claim::read(headers, raw_body)?;
        let url = CertificateUrl::allowed(&self.source, claim.certificate_url)?;
        let (chain, refetch) = match certificates.look_up(&url, now) {
            Lookup::Known { chain, may_refetch } => (chain, may_refetch),
            Lookup::Fetch => return Err(Rejection::Needs(url)),
            Lookup::Wait => return Err(Rejection::CertificateUnavailable),
        };
        let signed = Signed { body: raw_body, signature: &claim.signature, algorithm: claim.algorithm };
        match self.trust.check(&chain, &signed, now) {
            Ok(()) => Event::read(raw_body),
            // Microsoft may have put a new certificate at the same URL; it is looked at again, though not often.
            Err(_) if refetch => Err(Rejection::Needs(url)),
            Err(rejection) => Err(rejection),
        }
    }
}
