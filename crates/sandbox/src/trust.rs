//! The keys of the simulated Microsoft: a local root with O=Microsoft Corporation and the certificate that signs webhooks.
//! The keys are born from the operating system's randomness, so signatures differ between processes; everything else follows from the seed.

use std::sync::{Arc, OnceLock};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SigningKey,
};

/// Why the keys could not be made or used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TrustError {
    /// The cryptographic library refused to make a key or a certificate.
    #[error("the sandbox could not make its {what}: {source}")]
    Make {
        /// Which key or certificate.
        what: &'static str,
        /// The library's reason.
        source: rcgen::Error,
    },
    /// A webhook body could not be signed.
    #[error("the sandbox could not sign a webhook: {0}")]
    Sign(rcgen::Error),
}

/// The subject of the signing certificate, as in the documented address of Microsoft's.
pub const SIGNER_NAME: &str = "pcnotifications-dispatch.microsoft.com";

/// The local certificate authority and the webhook key. Never part of any other program's trust.
pub struct Trust {
    root_pem: String,
    signer_der: Vec<u8>,
    signer_key: KeyPair,
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Trust").finish_non_exhaustive()
    }
}

impl Trust {
    /// Makes a fresh root and a signing certificate below it, valid from 2020 to 2040.
    pub fn generate() -> Result<Self, TrustError> {
        let make = |what| move |source| TrustError::Make { what, source };
        let root_key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).map_err(make("root key"))?;
        let root_params = root_params();
        let root = root_params.self_signed(&root_key).map_err(make("root certificate"))?;
        let issuer = Issuer::new(root_params, root_key);
        let signer_key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).map_err(make("webhook key"))?;
        let signer = signer_params()
            .map_err(make("webhook certificate"))?
            .signed_by(&signer_key, &issuer)
            .map_err(make("webhook certificate"))?;
        Ok(Self { root_pem: root.pem(), signer_der: signer.der().to_vec(), signer_key })
    }

    /// The one root of this process. RSA keys are slow to make, so worlds share it.
    pub fn shared() -> Result<Arc<Self>, TrustError> {
        static SHARED: OnceLock<Result<Arc<Trust>, TrustError>> = OnceLock::new();
        SHARED.get_or_init(|| Self::generate().map(Arc::new)).clone()
    }

    /// The root certificate in PEM, which a client adds to the roots it trusts.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// The signing certificate in DER, as served under `/cert/`.
    #[must_use]
    pub fn signer_der(&self) -> &[u8] {
        &self.signer_der
    }

    /// Signs a webhook body: RSA PKCS#1 v1.5 over SHA-256.
    pub fn sign(&self, body: &[u8]) -> Result<Vec<u8>, TrustError> {
        self.signer_key.sign(body).map_err(TrustError::Sign)
    }
}

fn root_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "Microsoft Corporation");
    params.distinguished_name.push(DnType::CommonName, "Sandbox Root, not Microsoft's");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    params
}

fn signer_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(vec![SIGNER_NAME.to_owned()])?;
    params.distinguished_name.push(DnType::OrganizationName, "Microsoft Corporation");
    params.distinguished_name.push(DnType::CommonName, SIGNER_NAME);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    Ok(params)
}
