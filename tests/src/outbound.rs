//! The way from Borgen to the simulated Microsoft without sockets: requests and replies get lost, are delivered twice,
//! or are the last thing a process sees. It also checks, at the moment of each change, that it was allowed.

use crate::faults::{Fault, Ledger, Step};
use crate::scheduler::{Chance, Pauses, lock};
use desk::Clock;
use http::Method;
use microsoft::seam::{Outbound, Request, Response, SendError, Sending};
use sandbox::{Act, World};
use std::sync::{Arc, Mutex};
use store::Store;

/// The address that the simulated Microsoft is configured with.
pub const ORIGIN: &str = "http://127.0.0.1:9";

/// The simulated Microsoft behind a network with faults.
#[derive(Debug, Clone)]
pub struct Network {
    /// The simulated Microsoft.
    pub world: Arc<Mutex<World>>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whether and where faults are made.
    pub ledger: Ledger,
    /// The source of chance.
    pub chance: Chance,
    /// Where processes are switched.
    pub pauses: Pauses,
    /// Where the journal can be looked at, to see whether a change was fenced.
    pub store: Store,
    /// What was done that must not be.
    pub breaches: Arc<Mutex<Vec<String>>>,
}

/// Which step of the main job a request is.
#[must_use]
pub fn step_of(request: &Request) -> Option<Step> {
    let path = request.url.strip_prefix(ORIGIN)?;
    let path = path.split('?').next().unwrap_or(path);
    match (&request.method, path) {
        (&Method::PATCH, path) if path.contains("/securityAlerts/") => Some(Step::Answer),
        (&Method::POST, path) if path.ends_with("/cancel") => Some(Step::Cancel),
        (&Method::POST, path) if path.starts_with("/receivers/") => Some(Step::Page),
        (&Method::PATCH, path) if path.contains("/subscriptions/") => Some(Step::Suspend),
        (&Method::GET, path) if path.ends_with("/securityAlerts") => Some(Step::Poll),
        (&Method::GET, path) if path.contains("/azureEntitlements/") || path.contains("/subscriptions/") => {
            Some(Step::Look)
        }
        _ => None,
    }
}

impl Network {
    async fn carry(&self, request: Request) -> Result<Response, SendError> {
        let Some(step) = step_of(&request) else { return self.deliver(&request) };
        self.pauses.pause("request").await;
        if self.ledger.strikes(Fault::CrashBefore, step) {
            self.pauses.crash();
            std::future::pending::<()>().await;
        }
        if self.ledger.strikes(Fault::RequestLost, step) {
            return Err(SendError::NotSent { reason: "the simulated network lost the request".to_owned() });
        }
        if step.changes_microsoft() {
            self.check_fence(&request, step).await;
        }
        let answer = self.deliver(&request);
        let doubles = step.changes_microsoft() || step == Step::Page;
        if doubles && self.ledger.strikes(Fault::RequestDoubled, step) {
            // The network delivers it twice; only the first answer finds its way back.
            let _ = self.deliver(&request);
        }
        self.pauses.pause("reply").await;
        if self.ledger.strikes(Fault::CrashAfter, step) {
            self.pauses.crash();
            std::future::pending::<()>().await;
        }
        if self.ledger.strikes(Fault::ReplyLost, step) {
            return Err(SendError::Doubt { reason: "the simulated network lost the reply".to_owned() });
        }
        answer
    }

    fn deliver(&self, request: &Request) -> Result<Response, SendError> {
        let path = request.url.strip_prefix(ORIGIN).unwrap_or(&request.url);
        let asked = sandbox::Request {
            method: request.method.clone(),
            path_and_query: path.to_owned(),
            headers: request.headers.clone(),
            body: request.body.clone().unwrap_or_default(),
        };
        let reply = lock(&self.world).handle(self.clock.now(), &asked);
        match reply.act {
            Act::Whole => Ok(Response {
                status: reply.response.status,
                headers: reply.response.headers,
                body: reply.response.body,
            }),
            Act::CutAfter(_) => {
                Err(SendError::Doubt { reason: "the connection was cut in the middle of the body".to_owned() })
            }
        }
    }

    /// Invariant: nothing is changed at Microsoft before the journal says that it is about to be tried with this key.
    async fn check_fence(&self, request: &Request, step: Step) {
        let key = request.headers.get("ms-requestid").and_then(|key| key.to_str().ok()).unwrap_or("").to_lowercase();
        let fenced = crate::journal::all_facts(&self.store).await.iter().any(|fact| {
            matches!(&fact.body, domain::body::Body::EffectStarted(started) if started.request.to_string() == key)
        });
        // Graph knows no MS-RequestId: the fence of an answer is looked for by the alert instead.
        let fenced =
            fenced || (step == Step::Answer && crate::journal::answer_is_started(&self.store, &request.url).await);
        if !fenced {
            lock(&self.breaches).push(format!("{step:?} was sent without a fence in the journal"));
        }
    }
}

impl Outbound for Network {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(self.carry(request))
    }
}
