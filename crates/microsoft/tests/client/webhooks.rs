//! Registration of the webhook, and deliveries: an honest one, and every attack on it, with certificates made here.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{Timestamp, ToSpan};
use microsoft::registration::WebhookWish;
use microsoft::webhook::{
    CertificateCache, Event, EventName, EventSubject, FetchFailed, MAX_CERTIFICATE_BYTES, MAX_EVENT_BYTES, Rejection,
    TrustRoots, Verifier, fetch,
};
use microsoft::{AzureSubscriptionId, Cloud, Error};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    SigningKey,
};

use crate::fake::{Answer, Fake, at, body, client, context, json};

const URL: &str = "https://3psostorageacct.blob.core.windows.net/cert/pcnotifications-dispatch.microsoft.com.cer";
const SUBJECT: &str = "pcnotifications-dispatch.microsoft.com";
const BODY: &[u8] = br#"{"EventName":"azure-fraud-event-detected","ResourceUri":"https://api.partnercenter.microsoft.com/v1/fraudEvents?SubscriptionId=bb22&EventStatus=Active","ResourceName":null,"AuditUri":null,"ResourceChangeUtcDate":"2026-05-02T03:04:05.1234567+00:00"}"#;

fn now() -> Timestamp {
    at("2026-05-02T03:05:00Z")
}

type Authority = CertifiedIssuer<'static, KeyPair>;

/// Everything that takes RSA keys to make, made once.
struct World {
    microsoft: Authority,
    other: Authority,
    signer: KeyPair,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World {
        microsoft: authority("Microsoft Corporation"),
        other: authority("Someone Else"),
        signer: KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap(),
    })
}

fn authority(organisation: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(DnType::OrganizationName, organisation);
    params.distinguished_name.push(DnType::CommonName, format!("{organisation} test root"));
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// The signer's certificate, valid from 2026-01-01 to the last day given.
fn certificate(issuer: &Authority, subject: &str, last: (i32, u8, u8)) -> Vec<u8> {
    let mut params = CertificateParams::new(vec![SUBJECT.to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(last.0, last.1, last.2);
    params.signed_by(&world().signer, issuer).unwrap().der().to_vec()
}

fn good_certificate() -> Vec<u8> {
    certificate(&world().microsoft, SUBJECT, (2027, 1, 1))
}

fn headers(signature: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let text = format!("Signature {}", STANDARD.encode(signature));
    headers.insert("authorization", HeaderValue::from_str(&text).unwrap());
    headers.insert("x-ms-certificate-url", HeaderValue::from_static(URL));
    headers.insert("x-ms-signature-algorithm", HeaderValue::from_static("rsa-sha256"));
    headers
}

fn signed(body: &[u8]) -> HeaderMap {
    headers(&world().signer.sign(body).unwrap())
}

fn verifier() -> Verifier {
    verifier_of(&world().microsoft)
}

fn verifier_of(root: &Authority) -> Verifier {
    let roots = TrustRoots { roots: vec![root.der().to_vec()], intermediates: Vec::new() };
    Verifier::new(&Cloud::public(), roots).unwrap()
}

/// Checks as a receiver does: fetch what is needed once, check again. Tells how often something was fetched.
async fn receive(
    verifier: &Verifier,
    headers: &HeaderMap,
    body: &[u8],
    served: Answer,
) -> (Result<Event, Rejection>, usize) {
    let cache = CertificateCache::default();
    let fake = Fake::all(move |_| served.clone());
    let mut result = verifier.check(headers, body, &cache, now());
    if let Err(Rejection::Needs(url)) = &result {
        let fetched = fetch(fake.as_ref(), url, &cache, now()).await;
        let again = verifier.check(headers, body, &cache, now());
        result = if fetched.is_ok() { again } else { again.and(Err(Rejection::CertificateUnavailable)) };
    }
    (result, fake.requests().len())
}

#[expect(clippy::unnecessary_wraps, reason = "a handler answers with a response or a failure")]
fn served(certificate: Vec<u8>) -> Answer {
    Ok(microsoft::seam::Response { status: 200, body: certificate, ..Default::default() })
}

#[tokio::test]
async fn a_signed_delivery_is_an_event_under_either_signature_header() {
    let mut moved = signed(BODY);
    let signature = moved.remove("authorization").unwrap();
    moved.insert("x-ms-signature", signature);
    moved.insert("authorization", HeaderValue::from_static("Bearer of-a-gateway"));
    for headers in [signed(BODY), moved] {
        let (event, fetches) = receive(&verifier(), &headers, BODY, served(good_certificate())).await;
        let event = event.unwrap();
        assert_eq!(event.name, EventName::AzureFraudEventDetected);
        assert_eq!(event.subject, EventSubject::AzureSubscription(AzureSubscriptionId::parse("bb22").unwrap()));
        assert_eq!(fetches, 1);
    }
}

#[tokio::test]
async fn a_certificate_may_come_as_pem_and_is_fetched_once_without_a_token() {
    let pem =
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(good_certificate()));
    let fake = Fake::all(move |_| served(pem.clone().into_bytes()));
    let cache = CertificateCache::default();
    let Err(Rejection::Needs(url)) = verifier().check(&signed(BODY), BODY, &cache, now()) else { panic!("needs it") };
    fetch(fake.as_ref(), &url, &cache, now()).await.unwrap();
    let first = verifier().check(&signed(BODY), BODY, &cache, now()).unwrap();
    let second = verifier().check(&signed(BODY), BODY, &cache, now() + 1.hour()).unwrap();
    assert_eq!(first.replay_key, second.replay_key, "a repeat is known by its key");
    let other = BODY.to_ascii_lowercase();
    assert_ne!(
        Some(first.replay_key),
        verifier().check(&signed(&other), &other, &cache, now()).ok().map(|e| e.replay_key)
    );
    assert_eq!(fake.requests().len(), 1);
    assert!(fake.requests()[0].headers.is_empty(), "no token goes there");
    assert_eq!(fake.requests()[0].max_response_bytes, MAX_CERTIFICATE_BYTES);
    assert!(matches!(verifier().check(&signed(BODY), BODY, &cache, now() + 25.hours()), Err(Rejection::Needs(_))));
}

fn without(name: &'static str) -> HeaderMap {
    let mut headers = signed(BODY);
    headers.remove(name);
    headers
}

fn with(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = signed(BODY);
    headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    headers
}

async fn is_rejected_without_a_fetch(cases: Vec<(HeaderMap, &[u8], Rejection)>) {
    for (headers, body, expected) in cases {
        let served = served(good_certificate());
        let (result, fetches) = receive(&verifier(), &headers, body, served).await;
        assert_eq!((result, fetches), (Err(expected.clone()), 0), "{expected}");
    }
}

#[tokio::test]
async fn nothing_is_fetched_when_a_header_is_missing_or_told_twice() {
    let url = "x-ms-certificate-url";
    let mut twice = signed(BODY);
    twice.append(url, HeaderValue::from_static(URL));
    let mut cases = vec![(twice, BODY, Rejection::MissingHeader(url))];
    for name in ["authorization", url, "x-ms-signature-algorithm"] {
        cases.push((without(name), BODY, Rejection::MissingHeader(name)));
    }
    is_rejected_without_a_fetch(cases).await;
}

#[tokio::test]
async fn nothing_is_fetched_for_a_wrong_scheme_size_algorithm_or_signature() {
    let large = vec![b' '; MAX_EVENT_BYTES + 1];
    let (scheme, algorithm) = ("authorization", "x-ms-signature-algorithm");
    is_rejected_without_a_fetch(vec![
        (with(scheme, "Bearer abc"), BODY, Rejection::WrongScheme),
        (with(scheme, "Signature"), BODY, Rejection::WrongScheme),
        (signed(&large), &large, Rejection::WrongSize),
        (signed(b""), b"", Rejection::WrongSize),
        (with(algorithm, "rsa-sha1"), BODY, Rejection::AlgorithmNotAllowed),
        (with(algorithm, "none"), BODY, Rejection::AlgorithmNotAllowed),
        (with(algorithm, "hmac-sha256"), BODY, Rejection::AlgorithmNotAllowed),
        (with(scheme, "Signature !!!"), BODY, Rejection::UnreadableSignature),
        (headers(b"short"), BODY, Rejection::UnreadableSignature),
    ])
    .await;
}

#[tokio::test]
async fn nothing_is_fetched_from_a_foreign_host() {
    let mut cases = Vec::new();
    for told in [
        "https://evil.example/cert/x.cer",
        "https://evil.blob.core.windows.net/cert/x.cer",
        "http://169.254.169.254/cert/x.cer",
        &URL.replace("https", "http"),
    ] {
        cases.push((with("x-ms-certificate-url", told), BODY, Rejection::ForeignCertificateUrl));
    }
    is_rejected_without_a_fetch(cases).await;
}

#[tokio::test]
async fn a_forged_or_misplaced_certificate_is_not_believed() {
    let world = world();
    let changed = BODY.iter().map(|byte| if *byte == b'b' { b'c' } else { *byte }).collect::<Vec<_>>();
    let lapsed = certificate(&world.microsoft, SUBJECT, (2026, 5, 1));
    let stranger = certificate(&world.microsoft, "other.microsoft.com", (2027, 1, 1));
    let elsewhere = certificate(&world.other, SUBJECT, (2027, 1, 1));
    for (verifier, certificate, body, expected) in [
        (verifier(), good_certificate(), changed.as_slice(), Rejection::WrongSignature),
        (verifier(), elsewhere.clone(), BODY, Rejection::UntrustedChain),
        (verifier_of(&world.other), elsewhere, BODY, Rejection::WrongOrganisation),
        (verifier(), stranger, BODY, Rejection::WrongSubject),
        (verifier(), lapsed, BODY, Rejection::CertificateNotValidNow),
        (verifier(), world.other.der().to_vec(), BODY, Rejection::UntrustedChain),
    ] {
        let (result, _) = receive(&verifier, &signed(BODY), body, served(certificate)).await;
        assert_eq!(result, Err(expected));
    }
    let with_other_hash = with("x-ms-signature-algorithm", "rsa-sha512");
    let (result, _) = receive(&verifier(), &with_other_hash, BODY, served(good_certificate())).await;
    assert_eq!(result, Err(Rejection::WrongSignature));
    let not_json = b"hello";
    let (result, _) = receive(&verifier(), &signed(not_json), not_json, served(good_certificate())).await;
    assert_eq!(result, Err(Rejection::UnreadableEvent));
}

#[tokio::test]
async fn a_certificate_that_cannot_be_had_is_not_asked_for_again_at_once() {
    let redirect = crate::fake::with_header(json(302, ""), "location", "http://169.254.169.254/");
    for (served, failure) in [
        (redirect, FetchFailed::Status(302)),
        (json(200, "no certificate"), FetchFailed::Unreadable),
        (served(Vec::new()), FetchFailed::Unreadable),
    ] {
        let fake = Fake::all(move |_| served.clone());
        let cache = CertificateCache::default();
        let Err(Rejection::Needs(url)) = verifier().check(&signed(BODY), BODY, &cache, now()) else { panic!("needs") };
        assert_eq!(fetch(fake.as_ref(), &url, &cache, now()).await, Err(failure));
        assert_eq!(verifier().check(&signed(BODY), BODY, &cache, now()), Err(Rejection::CertificateUnavailable));
        assert_eq!(fetch(fake.as_ref(), &url, &cache, now()).await, Err(FetchFailed::NotNow));
        assert_eq!(fake.requests().len(), 1);
        let later = now() + 10.minutes();
        assert_eq!(verifier().check(&signed(BODY), BODY, &cache, later), Err(Rejection::Needs(url)));
    }
}

#[tokio::test]
async fn a_renewed_certificate_at_the_same_url_is_found_within_ten_minutes() {
    let cache = CertificateCache::default();
    let old = certificate(&world().microsoft, SUBJECT, (2026, 5, 2));
    let fake = Fake::all({
        let mut files = vec![good_certificate(), old];
        move |_| served(files.pop().unwrap_or_default())
    });
    let late = at("2026-05-02T00:30:00Z");
    let Err(Rejection::Needs(url)) = verifier().check(&signed(BODY), BODY, &cache, now()) else { panic!("needs") };
    fetch(fake.as_ref(), &url, &cache, late).await.unwrap();
    assert_eq!(verifier().check(&signed(BODY), BODY, &cache, now()), Err(Rejection::Needs(url.clone())));
    fetch(fake.as_ref(), &url, &cache, now()).await.unwrap();
    assert!(verifier().check(&signed(BODY), BODY, &cache, now()).is_ok());
}

#[test]
fn a_verifier_without_a_usable_root_is_not_made() {
    for roots in [vec![], vec![b"no certificate".to_vec()], vec![b"-----BEGIN CERTIFICATE-----\n!".to_vec()]] {
        assert!(Verifier::new(&Cloud::public(), TrustRoots { roots, intermediates: Vec::new() }).is_err());
    }
}

/// An authority between the root and the signer.
fn between(root: &Authority) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(DnType::OrganizationName, "Microsoft Corporation");
    params.distinguished_name.push(DnType::CommonName, "Microsoft Corporation test authority");
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), root).unwrap()
}

fn pem(certificates: &[&[u8]]) -> Vec<u8> {
    let one = |der: &&[u8]| {
        let text = STANDARD.encode(der);
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!(
            "subject=as openssl writes it\n-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            lines.join("\n")
        )
    };
    certificates.iter().map(one).collect::<String>().into_bytes()
}

#[tokio::test]
async fn one_file_holds_the_root_and_what_lies_between_it_and_the_signer() {
    let root = &world().microsoft;
    let between = between(root);
    let leaf = certificate(&between, SUBJECT, (2027, 1, 1));
    let (root, middle) = (root.der().as_ref(), between.der().as_ref());
    let not_an_authority = certificate(&world().microsoft, SUBJECT, (2027, 1, 1));
    for (file, expected) in [
        (pem(&[root, middle]), None),
        (pem(&[middle, root]), None),
        (pem(&[world().other.der(), middle, root]), None),
        (pem(&[root]), Some(Rejection::UntrustedChain)),
        (root.to_vec(), Some(Rejection::UntrustedChain)),
        (pem(&[root, &not_an_authority]), Some(Rejection::UntrustedChain)),
        (pem(&[world().other.der(), middle]), Some(Rejection::UntrustedChain)),
    ] {
        let verifier = Verifier::new(&Cloud::public(), TrustRoots::of_file(&file).unwrap()).unwrap();
        let (result, _) = receive(&verifier, &signed(BODY), BODY, served(leaf.clone())).await;
        assert_eq!(result.err(), expected);
    }
}

#[test]
fn a_file_without_a_root_is_refused_and_says_what_to_do() {
    let between = between(&world().microsoft);
    let leaf = certificate(&between, SUBJECT, (2027, 1, 1));
    let mut cut = pem(&[world().microsoft.der()]);
    cut.truncate(cut.len() / 2);
    let many = vec![world().microsoft.der().as_ref(); 33];
    for (file, what) in [
        (pem(&[between.der()]), "holds no root"),
        (pem(&[&leaf]), "holds no root"),
        (leaf.clone(), "holds no root"),
        (pem(&[&leaf, between.der()]), "holds no root"),
        (pem(&[b"no certificate"]), "no certificate"),
        (b"no certificate".to_vec(), "no certificate"),
        (Vec::new(), "no certificate"),
        (cut, "cut short"),
        (pem(&many), "too many"),
    ] {
        let error = TrustRoots::of_file(&file).unwrap_err().to_string();
        assert!(error.contains(what) && error.matches(':').count() == 2, "{error}");
    }
    assert_eq!(TrustRoots::of_file(&pem(&many[..32])).unwrap().roots.len(), 32);
}

#[tokio::test]
async fn a_webhook_is_registered_changed_tested_and_seen() {
    let fake = Fake::new(|request| {
        let path = request.url.trim_start_matches("https://api.partnercenter.microsoft.com/webhooks/v1/registration");
        match (request.method.as_str(), path) {
            ("GET", "/events") => json(200, r#"["test-created","azure-fraud-event-detected"]"#),
            ("GET", "") => json(404, r#"{"code":404,"message":"none"}"#),
            ("POST" | "PUT", "") => json(
                200,
                r#"{"SubscriberId":"u-1","WebhookUrl":"https://b.example/w","WebhookEvents":["test-created"]}"#,
            ),
            ("POST", "/validationEvents") => json(200, r#"{"correlationId":"t-1"}"#),
            ("GET", "/validationEvents/t-1") => json(
                200,
                r#"{"correlationId":"t-1","partnerId":"p","status":"completed","callbackUrl":"https://b.example/w","results":[{"responseCode":"OK","responseMessage":"","systemError":false,"dateTimeUtc":"2026-05-02T03:04:05.1Z"}]}"#,
            ),
            other => panic!("{other:?}"),
        }
    });
    let client = client(&fake);
    assert_eq!(client.webhook_events(&context()).await.unwrap().len(), 2);
    assert_eq!(client.webhook(&context()).await.unwrap(), None);
    let wish = WebhookWish {
        webhook_url: "https://b.example/w".to_owned(),
        webhook_events: vec!["test-created".to_owned()],
        signature_token_to_ms_signature_header: true,
    };
    let made = client.register_webhook(&context(), &wish).await.unwrap();
    assert_eq!(made.subscriber_id.as_deref(), Some("u-1"));
    assert_eq!(client.update_webhook(&context(), &wish).await.unwrap(), made);
    let test = client.send_webhook_test(&context()).await.unwrap();
    let result = client.webhook_test_result(&context(), &test).await.unwrap();
    assert_eq!(result.results[0].response_code.as_deref(), Some("OK"));
    let sent = fake.requests();
    assert_eq!(
        body(&sent[2]),
        r#"{"WebhookUrl":"https://b.example/w","WebhookEvents":["test-created"],"SignatureTokenToMsSignatureHeader":true}"#
    );
    assert_eq!(sent[3].method.as_str(), "PUT");
}

#[tokio::test]
async fn a_test_id_that_would_change_the_path_is_malformed() {
    let fake = Fake::new(|_| json(200, r#"{"correlationId":"../x"}"#));
    let error = client(&fake).send_webhook_test(&context()).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
}
