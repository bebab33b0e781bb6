//! Whether a certificate is Microsoft's and a signature fits: chain to a given root at a given time, issuer's organisation,
//! pinned subject, RSA PKCS#1 v1.5 over the body's bytes. The roots are configuration; none are built in.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::aws_lc_rs as rsa;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Rejection;
use super::claim::Algorithm;

/// The organisation that must have issued the certificate.
const ORGANISATION: &str = "Microsoft Corporation";
/// How many certificates of one file or configuration are used.
const MAX_CHAIN: usize = 8;
/// How many certificates the file of trusted certificates may hold.
const MAX_TRUSTED: usize = 32;
/// How the part of a PEM file begins that holds a certificate.
const PEM_BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// The certificates that are trusted, each DER or PEM (a PEM file may hold several).
#[derive(Debug, Clone, Default)]
pub struct TrustRoots {
    /// Certificates that a chain may end at.
    pub roots: Vec<Vec<u8>>,
    /// Certificates between a root and the signer, when the signer's file does not hold them.
    pub intermediates: Vec<Vec<u8>>,
}

impl TrustRoots {
    /// Reads one file, DER or PEM: what is issued by itself is a root, everything else lies between a root and the signer.
    /// Fails when something in it is no certificate, or when there is no root in it.
    pub fn of_file(file: &[u8]) -> Result<Self, BadTrust> {
        let is_pem = file.windows(PEM_BEGIN.len()).any(|part| part == PEM_BEGIN);
        let found: Vec<CertificateDer<'static>> = if is_pem {
            let found: Result<_, _> =
                CertificateDer::pem_slice_iter(file).take(MAX_TRUSTED.saturating_add(1)).collect();
            found.map_err(|_| BadTrust("a certificate in it is cut short or no PEM: copy the file anew"))?
        } else {
            vec![CertificateDer::from(file.to_vec())]
        };
        if found.len() > MAX_TRUSTED {
            return Err(BadTrust("it holds too many certificates: leave only those of Microsoft's webhook"));
        }
        let mut sorted = Self::default();
        for certificate in found {
            let not_read = "something in it is no certificate: put in each certificate as PEM";
            let (_, read) = X509Certificate::from_der(&certificate).map_err(|_| BadTrust(not_read))?;
            let is_root = read.issuer().as_raw() == read.subject().as_raw();
            let side = if is_root { &mut sorted.roots } else { &mut sorted.intermediates };
            side.push(certificate.to_vec());
        }
        if sorted.roots.is_empty() {
            return Err(BadTrust(
                "it holds no root, as no certificate in it is issued by itself: add the root that Microsoft's webhook \
                 certificate goes back to, beside those between the two",
            ));
        }
        Ok(sorted)
    }
}

/// A configured root or intermediate that is no certificate, or no root at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the webhook's trust roots cannot be used: {0}")]
pub struct BadTrust(&'static str);

#[derive(Debug, Clone)]
pub(super) struct Trust {
    anchors: Vec<TrustAnchor<'static>>,
    intermediates: Vec<CertificateDer<'static>>,
    subject: String,
}

/// The signer's certificate and what came with it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    signer: CertificateDer<'static>,
    others: Vec<CertificateDer<'static>>,
}

/// What was signed, and how.
pub(super) struct Signed<'a> {
    pub(super) body: &'a [u8],
    pub(super) signature: &'a [u8],
    pub(super) algorithm: Algorithm,
}

impl Chain {
    /// Reads a certificate file, DER or PEM; the first certificate is the signer's.
    pub(super) fn read(file: &[u8]) -> Option<Self> {
        let mut found = certificates(file)?.into_iter();
        let signer = found.next()?;
        X509Certificate::from_der(&signer).ok()?;
        Some(Self { signer, others: found.collect() })
    }
}

fn certificates(file: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    if file.trim_ascii_start().starts_with(b"-----BEGIN") {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(file).take(MAX_CHAIN).collect();
        return found.ok();
    }
    Some(vec![CertificateDer::from(file.to_vec())])
}

impl Trust {
    pub(super) fn new(roots: TrustRoots, subject: String) -> Result<Self, BadTrust> {
        let mut anchors = Vec::new();
        for root in roots.roots {
            for certificate in certificates(&root).ok_or(BadTrust("a root is no PEM"))? {
                let anchor =
                    anchor_from_trusted_cert(&certificate).map_err(|_| BadTrust("a root is no certificate"))?;
                anchors.push(anchor.to_owned());
            }
        }
        let mut intermediates = Vec::new();
        for file in roots.intermediates {
            intermediates.extend(certificates(&file).ok_or(BadTrust("an intermediate is no PEM"))?);
        }
        if anchors.is_empty() {
            return Err(BadTrust("there is no root"));
        }
        Ok(Self { anchors, intermediates, subject })
    }

    pub(super) fn check(&self, chain: &Chain, delivery: &Signed<'_>, now: Timestamp) -> Result<(), Rejection> {
        let signer = EndEntityCert::try_from(&chain.signer).map_err(|_| Rejection::UnreadableCertificate)?;
        self.check_chain(&signer, chain, now)?;
        self.check_names(chain)?;
        signer
            .verify_signature(rsa_of(delivery.algorithm), delivery.body, delivery.signature)
            .map_err(|_| Rejection::WrongSignature)
    }

    fn check_chain(&self, signer: &EndEntityCert<'_>, chain: &Chain, now: Timestamp) -> Result<(), Rejection> {
        let seconds = u64::try_from(now.as_second()).map_err(|_| Rejection::CertificateNotValidNow)?;
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let between: Vec<CertificateDer<'_>> = chain.others.iter().chain(&self.intermediates).cloned().collect();
        signer
            .verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                &self.anchors,
                &between,
                time,
                KeyUsage::server_auth(),
                None,
                None,
            )
            .map(|_| ())
            .map_err(|error| match error {
                webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => {
                    Rejection::CertificateNotValidNow
                }
                _ => Rejection::UntrustedChain,
            })
    }

    fn check_names(&self, chain: &Chain) -> Result<(), Rejection> {
        let (_, certificate) =
            X509Certificate::from_der(&chain.signer).map_err(|_| Rejection::UnreadableCertificate)?;
        let is_microsoft = certificate.issuer().iter_organization().any(|name| name.as_str() == Ok(ORGANISATION));
        if !is_microsoft {
            return Err(Rejection::WrongOrganisation);
        }
        let mut names = certificate.subject().iter_common_name();
        let (Some(name), None) = (names.next(), names.next()) else {
            return Err(Rejection::WrongSubject);
        };
        let fits = name.as_str().is_ok_and(|name| name.eq_ignore_ascii_case(&self.subject));
        if fits { Ok(()) } else { Err(Rejection::WrongSubject) }
    }
}

fn rsa_of(algorithm: Algorithm) -> &'static dyn SignatureVerificationAlgorithm {
    match algorithm {
        Algorithm::Sha256 => rsa::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Sha384 => rsa::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Sha512 => rsa::RSA_PKCS1_2048_8192_SHA512,
    }
}
