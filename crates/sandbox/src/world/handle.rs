//! One request through the house: gateway, gate, memory, route, and the faults on the way in and out.

use jiff::Timestamp;

use crate::exchange::{Act, Reply, Request, Response};
use crate::faults::Fault;
use crate::refusal;
use crate::routes::{Call, Context, control, dispatch, gate};
use crate::state::requests::{CALLS_PER_MINUTE_AND_TENANT, TEST_EVENTS_PER_MINUTE};
use crate::world::World;

/// The waiting time of a 429 unless the fault says otherwise.
pub(crate) const DEFAULT_RETRY_AFTER_SECONDS: u32 = 57;

impl World {
    /// Answers one request at this simulated time, after everything due until then has happened.
    pub fn handle(&mut self, now: Timestamp, request: &Request) -> Reply {
        self.advance(now);
        let before = self.changes.total();
        let call = Call::of(request);
        *self.calls.entry(call.name()).or_insert(0) += 1;
        let (response, act) = if let Call::Control(path) = &call {
            (control::answer(self, request, path), Act::Whole)
        } else {
            self.answer(request, &call)
        };
        let changes = usize::try_from(self.changes.total() - before).unwrap_or(usize::MAX);
        Reply { response, act, changes }
    }

    fn answer(&mut self, request: &Request, call: &Call) -> (Response, Act) {
        if let Some(refused) = self.gateway(call) {
            return (self.dress(request, refused), Act::Whole);
        }
        let claims = match gate::authorise(self, request, call) {
            Ok(claims) => claims,
            Err(refused) => return (self.dress(request, *refused), Act::Whole),
        };
        let mfa = claims.as_ref().map(crate::state::token::Claims::has_mfa);
        let context = Context::new(request, call, claims);
        let key = memory_key(request, call);
        let known = key.as_deref().and_then(|key| self.remembered.find(key));
        let response = known.unwrap_or_else(|| {
            let response = dispatch(self, &context);
            if let Some(key) = key.filter(|_| response.is_success()) {
                self.remembered.keep(key, response.clone());
            }
            response
        });
        let hidden = call.is_write()
            && response.is_success()
            && self.faults.strike(Fault::UnavailableAfter, call.name(), 0).is_some();
        let response = if hidden { refusal::unavailable() } else { response };
        let mut response = self.dress(request, response);
        if let (Some(mfa), Some("true")) = (mfa, request.header("validatemfa")) {
            response = response.with_header("isMfaCompliant", if mfa { "true" } else { "false" });
        }
        let length = response.body.len();
        let cut = length > 1 && self.faults.strike(Fault::CutMidBody, call.name(), 0).is_some();
        (response, if cut { Act::CutAfter(length / 2) } else { Act::Whole })
    }

    /// What a gateway before the service refuses: too many calls, or a service that is down.
    fn gateway(&mut self, call: &Call) -> Option<Response> {
        let name = call.name();
        let wait = DEFAULT_RETRY_AFTER_SECONDS;
        if let Some(seconds) = self.faults.strike(Fault::ThrottledWithRetryAfter, name, wait) {
            return Some(refusal::throttled(seconds, true));
        }
        if let Some(seconds) = self.faults.strike(Fault::ThrottledWithoutRetryAfter, name, wait) {
            return Some(refusal::throttled(seconds, false));
        }
        if self.faults.strike(Fault::UnavailableBefore, name, 0).is_some() {
            return Some(refusal::unavailable());
        }
        if !self.switches.rate_limits {
            return None;
        }
        let (window, limit) = match call {
            Call::SendTestEvent => ("test events".to_owned(), TEST_EVENTS_PER_MINUTE),
            other => (other.customer()?.to_string(), CALLS_PER_MINUTE_AND_TENANT),
        };
        let refused = self.rates.count(&window, limit, self.now).err()?;
        Some(refusal::throttled(refused, true))
    }

    /// Adds the headers that every answer carries, and sometimes the byte-order mark.
    fn dress(&mut self, request: &Request, response: Response) -> Response {
        let mut response = response
            .with_header("ms-cv", &format!("{}.0", self.draw.next() % 1_000_000_000))
            .with_header("ms-serverid", "sandbox");
        for name in ["ms-requestid", "ms-correlationid"] {
            response = match request.header(name) {
                Some(value) => response.with_header(name, value),
                None => response.with_header(name, &self.draw.guid().to_string()),
            };
        }
        let marked = response.header("content-type").is_some_and(|kind| kind.contains("json"))
            && !response.body.is_empty()
            && self.draw.per_mille(self.switches.byte_order_mark_per_mille);
        if marked {
            response.body.splice(0..0, [0xEF, 0xBB, 0xBF]);
        }
        response
    }
}

/// Writes to Partner Center with a request id act once (microsoft.md 1.3).
fn memory_key(request: &Request, call: &Call) -> Option<String> {
    let id = request.header("ms-requestid")?;
    (call.is_write() && call.is_partner_center())
        .then(|| format!("{id} {} {}", request.method, request.path().to_lowercase()))
}
