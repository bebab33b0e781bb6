//! The door for webhooks over a real socket: what rings, what does not, and that nobody learns why.

use crate::world::{BASE, Fake, World, customer_tenant, partner_tenant, plan, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::customers::Cloud;
use microsoft::seam::{Outbound, Request, Response, Sending};
use microsoft::webhook::{TrustRoots, Verifier};
use microsoft::{Client, Credentials};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_RSA_SHA256, SigningKey};
use runtime::{ConnectionParts, Connections, webhooks};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

const SUBJECT: &str = "pcnotifications-dispatch.microsoft.com";

/// The fake Microsoft with the host of its certificates.
#[derive(Debug)]
struct WithCertificate {
    fake: Arc<Fake>,
    certificate: Vec<u8>,
    fetches: AtomicU32,
}

impl Outbound for WithCertificate {
    fn send(&self, request: Request) -> Sending<'_> {
        if !request.url.contains("/cert/") {
            return self.fake.send(request);
        }
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let response = Response { status: 200, body: self.certificate.clone(), ..Response::default() };
        Box::pin(std::future::ready(Ok(response)))
    }
}

struct Door {
    world: World,
    connections: Connections,
    outbound: Arc<WithCertificate>,
    signer: KeyPair,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn door() -> Door {
    let world = World::new().await;
    let signer = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::OrganizationName, "Microsoft Corporation");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new(vec![SUBJECT.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, SUBJECT);
    let certificate = params.signed_by(&signer, &authority).unwrap().der().to_vec();
    let fake = Arc::clone(&world.microsoft);
    let outbound = Arc::new(WithCertificate { fake, certificate, fetches: AtomicU32::new(0) });
    let cloud = microsoft::Cloud::sandbox(BASE);
    let roots = TrustRoots { roots: vec![authority.der().to_vec()], intermediates: Vec::new() };
    let shared: Arc<dyn Outbound> = Arc::<WithCertificate>::clone(&outbound);
    let credentials = Credentials {
        partner_tenant: microsoft::TenantId::parse(partner_tenant().to_string()).unwrap(),
        client_id: "client".to_owned(),
        client_secret: "secret".to_owned().into(),
        refresh_token: None,
    };
    let connections = Connections::new(vec![ConnectionParts {
        partner_tenant: partner_tenant(),
        cloud: Cloud::Public,
        verifier: Some(Verifier::new(&cloud, roots).unwrap()),
        client: Client::new(Arc::clone(&shared), cloud, credentials, Arc::new(())),
        outbound: shared,
    }]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = webhooks::router(world.tools.clone(), connections.clone());
    #[expect(clippy::disallowed_methods, reason = "a test has no supervisor")]
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Door { world, connections, outbound, signer, address, serving }
}

impl Door {
    fn path(&self) -> String {
        format!("/webhooks/microsoft/{}", self.world.connection.account)
    }

    fn headers(&self, body: &[u8]) -> String {
        let signature = STANDARD.encode(self.signer.sign(body).unwrap());
        format!(
            "authorization: Signature {signature}\r\nx-ms-certificate-url: {BASE}/cert/x.cer\r\nx-ms-signature-algorithm: rsa-sha256\r\n"
        )
    }

    fn fetches(&self) -> u32 {
        self.outbound.fetches.load(Ordering::SeqCst)
    }

    /// Whether a bell rings now.
    async fn rings(bell: &tokio::sync::Notify) -> bool {
        tokio::time::timeout(Duration::from_millis(20), bell.notified()).await.is_ok()
    }
}

fn fraud(event: &str) -> Vec<u8> {
    json!({
        "EventName": "azure-fraud-event-detected",
        "ResourceUri": format!("https://api.partnercenter.microsoft.com/v1/fraudEvents?SubscriptionId={event}"),
        "ResourceName": null, "AuditUri": null, "ResourceChangeUtcDate": "2026-11-20T07:59:00Z",
    })
    .to_string()
    .into_bytes()
}

#[tokio::test]
async fn a_signed_fraud_event_rings_for_the_alerts_and_a_repeat_does_not() {
    let door = door().await;
    let connection = Arc::clone(door.connections.iter().next().unwrap());
    let body = fraud("a");
    for rings in [true, false] {
        let (status, ..) = post(door.address, &door.path(), &door.headers(&body), &body).await;
        assert_eq!(status, 202);
        assert_eq!(Door::rings(&connection.wake_alerts).await, rings);
    }
    assert_eq!(door.fetches(), 1);
    let changed = json!({
        "EventName": "subscription-updated",
        "ResourceUri": format!("https://x/webhooks/v1/customers/{}/subscriptions/{}", customer_tenant(), plan()),
    });
    let body = changed.to_string().into_bytes();
    post(door.address, &door.path(), &door.headers(&body), &body).await;
    assert!(Door::rings(&connection.wake_customers).await);
    assert!(!Door::rings(&connection.wake_alerts).await);
}

#[tokio::test]
async fn every_rejection_has_the_same_answer_and_only_a_sound_one_costs_a_fetch() {
    let door = door().await;
    let body = fraud("a");
    let good = door.headers(&body);
    let other = fraud("b");
    let foreign = good.replace(BASE, "http://10.0.0.1");
    let large = vec![b' '; microsoft::webhook::MAX_EVENT_BYTES + 1];
    let unknown = "/webhooks/microsoft/99999999-0000-4000-8000-000000000009".to_owned();
    let mut answers = Vec::new();
    for (path, headers, body) in [
        (door.path(), String::new(), body.as_slice()),
        (door.path(), good.replace("rsa-sha256", "hmac-sha256"), body.as_slice()),
        (door.path(), foreign, body.as_slice()),
        (door.path(), door.headers(&large), large.as_slice()),
        (unknown, good.clone(), body.as_slice()),
        ("/webhooks/microsoft/nobody".to_owned(), good.clone(), body.as_slice()),
    ] {
        answers.push(post(door.address, &path, &headers, body).await);
    }
    assert_eq!(door.fetches(), 0, "what is plainly wrong costs nothing");
    answers.push(post(door.address, &door.path(), &good, &other).await);
    assert_eq!(door.fetches(), 1);
    let bodies: Vec<_> = answers.iter().map(|(status, _, body)| (*status, body.clone())).collect();
    assert!(bodies.iter().all(|answer| *answer == bodies[0] && answer.0 == 401), "{bodies:?}");
    let connection = door.connections.iter().next().unwrap();
    assert!(!Door::rings(&connection.wake_alerts).await);
}
