//! A Microsoft of a few lines: one customer, one Azure plan, one Azure subscription, some alerts. It counts what was
//! really done, and repeats its answer for a request id it knows, as Partner Center does.

use super::{BASE, azure, customer_tenant, plan};
use http::{HeaderMap, HeaderValue, Method};
use microsoft::seam::{Outbound, Request, Response, SendError, Sending};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// How the next write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// 429 with a wait of so many seconds.
    Throttled(u32),
    /// 503 before anything was done.
    UnavailableBefore,
    /// 503 after it was done.
    UnavailableAfter,
    /// The connection is cut after it was done.
    CutAfter,
    /// The connection never came about.
    NotSent,
    /// 400 with a code that is final.
    Refused,
    /// 403 900115.
    PlanStillActive,
}

#[derive(Debug, Default)]
struct State {
    alerts: BTreeMap<String, Value>,
    azure_status: String,
    plan_status: String,
    settling: bool,
    admins: Option<(u32, u32)>,
    writes: Vec<(Method, String, String)>,
    done: Vec<String>,
    remembered: BTreeMap<String, Value>,
    trouble: VecDeque<Trouble>,
    read_trouble: Option<Trouble>,
    reads_fail: u32,
    reads: u32,
    odd_customer: bool,
    others: Vec<String>,
    webhook: Option<Value>,
    audit: BTreeMap<String, Vec<Value>>,
    endless_audit: Option<String>,
}

/// The fake.
#[derive(Debug, Default)]
pub(crate) struct Fake {
    state: Mutex<State>,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        let state = State { azure_status: "active".into(), plan_status: "active".into(), ..State::default() };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// The next writes fail so, one after the other.
    pub(crate) fn trouble(&self, trouble: impl IntoIterator<Item = Trouble>) {
        self.state.lock().unwrap().trouble.extend(trouble);
    }

    /// The next read fails so.
    pub(crate) fn reads_trouble(&self, trouble: Trouble) {
        self.state.lock().unwrap().read_trouble = Some(trouble);
    }

    /// Somebody cancelled or reactivated the Azure subscription.
    pub(crate) fn set_azure_status(&self, status: &str) {
        status.clone_into(&mut self.state.lock().unwrap().azure_status);
    }

    /// Before the one customer stands a row that can't be read.
    pub(crate) fn odd_customer(&self) {
        self.state.lock().unwrap().odd_customer = true;
    }

    /// The partner has another customer, without any subscription.
    pub(crate) fn other_customer(&self, tenant: &str) {
        self.state.lock().unwrap().others.push(tenant.to_owned());
    }

    /// What is registered as webhook.
    pub(crate) fn webhook(&self) -> Option<Value> {
        self.state.lock().unwrap().webhook.clone()
    }

    /// Something was done in Partner Center on a day.
    pub(crate) fn audit(&self, day: &str, time: &str, operation: &str) {
        let record = json!({"id": format!("{day}{time}"), "operationType": operation, "operationDate": format!("{day}T{time}Z")});
        self.state.lock().unwrap().audit.entry(day.to_owned()).or_default().push(record);
    }

    /// Somebody did something for a customer on a day, and this is how it stands.
    pub(crate) fn audit_of(&self, tenant: &str, (day, time): (&str, &str), operation: &str, status: &str) {
        let record = json!({
            "id": format!("partner_{tenant}_{operation}"), "customerId": tenant, "userPrincipalName": "Asa@partner.example",
            "operationType": operation, "resourceType": "subscription", "operationDate": format!("{day}T{time}Z"),
            "operationStatus": status, "resourceOldValue": "{\"Quantity\":1}", "resourceNewValue": "{\"Quantity\":2}",
        });
        let mut state = self.state.lock().unwrap();
        let day = state.audit.entry(day.to_owned()).or_default();
        day.retain(|known| known["id"] != record["id"]);
        day.push(record);
    }

    /// The audit log of this day has more pages than anybody reads; nothing makes it end again.
    pub(crate) fn endless_audit(&self, day: Option<&str>) {
        self.state.lock().unwrap().endless_audit = day.map(str::to_owned);
    }

    /// The next reads fail with 503.
    pub(crate) fn reads_fail(&self, count: u32) {
        self.state.lock().unwrap().reads_fail = count;
    }

    /// A cancellation stays in the making until [`Fake::settle`].
    pub(crate) fn settle_slowly(&self) {
        self.state.lock().unwrap().settling = true;
    }

    /// What was in the making comes about.
    pub(crate) fn settle(&self) {
        let mut state = self.state.lock().unwrap();
        if state.done.iter().any(|done| done == "cancel") {
            state.azure_status = "inactive".into();
        }
        state.settling = false;
    }

    /// Raises an alert, or tells it anew.
    pub(crate) fn alert(&self, id: &str, status: &str, tenant: &str) {
        let alert = json!({
            "id": id, "displayName": "Action Required", "alertType": "CryptoMining", "status": status,
            "severity": "high", "confidenceLevel": "high", "customerTenantId": tenant,
            "subscriptionId": azure().to_string(), "detectedDateTime": "2026-11-20T07:55:00Z",
            "firstObservedDateTime": "2026-11-20T07:50:00Z", "lastObservedDateTime": "2026-11-20T07:55:00Z",
            "resolvedReason": null, "isTest": "false", "affectedResources": [], "activityLogs": [],
            "additionalDetails": {"ConnectionCount": "12"},
        });
        self.state.lock().unwrap().alerts.insert(id.to_owned(), alert);
    }

    pub(crate) fn admins(&self, total: u32, with_mfa: u32) {
        self.state.lock().unwrap().admins = Some((total, with_mfa));
    }

    pub(crate) fn alert_status(&self, id: &str) -> String {
        self.state.lock().unwrap().alerts[id]["status"].as_str().unwrap().to_owned()
    }

    pub(crate) fn azure_status(&self) -> String {
        self.state.lock().unwrap().azure_status.clone()
    }

    /// What was really done, in order.
    pub(crate) fn done(&self) -> Vec<String> {
        self.state.lock().unwrap().done.clone()
    }

    /// The writes that were sent: path and request id.
    pub(crate) fn writes(&self) -> Vec<(String, String)> {
        let state = self.state.lock().unwrap();
        state.writes.iter().map(|(_, path, id)| (path.clone(), id.clone())).collect()
    }

    pub(crate) fn reads(&self) -> u32 {
        self.state.lock().unwrap().reads
    }
}

impl Outbound for Fake {
    fn send(&self, request: Request) -> Sending<'_> {
        let answer = self.state.lock().unwrap().answer(&request);
        Box::pin(std::future::ready(answer))
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Result<Response, SendError> {
        let path = request.url.strip_prefix(BASE).unwrap();
        let path = path.split('?').next().unwrap().to_owned();
        if path.starts_with("/login") {
            return ok(&json!({"access_token": "token", "expires_in": "3599", "token_type": "Bearer"}));
        }
        if request.method == Method::GET {
            self.reads += 1;
            if let Some(Trouble::Throttled(seconds)) = self.read_trouble.take() {
                return throttled(seconds);
            }
            if self.reads_fail > 0 {
                self.reads_fail -= 1;
                return failed(503, &json!({}));
            }
            if path.ends_with("/auditrecords") {
                return ok(&self.audit_page(&request.url));
            }
            return match self.read(&path) {
                Some(found) => ok(&found),
                None => failed(404, &json!({"code": "20003", "description": "not found"})),
            };
        }
        self.write(request, &path)
    }

    fn write(&mut self, request: &Request, path: &str) -> Result<Response, SendError> {
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let id = header("ms-requestid").or_else(|| header("client-request-id")).unwrap();
        self.writes.push((request.method.clone(), path.to_owned(), id.clone()));
        let trouble = self.trouble.pop_front();
        match trouble {
            Some(Trouble::Throttled(seconds)) => return throttled(seconds),
            Some(Trouble::UnavailableBefore) => return failed(503, &json!({})),
            Some(Trouble::NotSent) => return Err(SendError::NotSent { reason: "no connection".into() }),
            Some(Trouble::Refused) => return failed(400, &json!({"code": "800091", "description": "suspended"})),
            Some(Trouble::PlanStillActive) => return failed(403, &json!({"code": "900115", "description": "active"})),
            Some(Trouble::UnavailableAfter | Trouble::CutAfter) | None => {}
        }
        let key = format!("{id} {path}");
        let answer = if let Some(known) = self.remembered.get(&key) {
            known.clone()
        } else {
            {
                let body: Value =
                    serde_json::from_slice(request.body.as_deref().unwrap_or(b"null")).unwrap_or_default();
                let done = self.act(path, &body);
                self.remembered.insert(key, done.clone());
                done
            }
        };
        match trouble {
            Some(Trouble::UnavailableAfter) => failed(503, &json!({})),
            Some(Trouble::CutAfter) => Err(SendError::Doubt { reason: "cut".into() }),
            _ => ok(&answer),
        }
    }

    fn act(&mut self, path: &str, body: &Value) -> Value {
        if path.ends_with("/webhooks/v1/registration") {
            self.webhook = Some(body.clone());
            return body.clone();
        }
        if path.ends_with("/cancel") {
            self.done.push("cancel".into());
            if !self.settling {
                self.azure_status = "inactive".into();
            }
            return self.entitlement();
        }
        if path.contains("/securityAlerts/") {
            let id = path.rsplit('/').next().unwrap();
            let alert = self.alerts.get_mut(id).unwrap();
            alert["status"] = body["status"].clone();
            if let Some(reason) = body.get("resolvedReason") {
                alert["resolvedReason"] = reason.clone();
            }
            self.done.push(format!("answer {}", body["status"].as_str().unwrap()));
            return alert.clone();
        }
        body["status"].as_str().unwrap().clone_into(&mut self.plan_status);
        self.done.push(format!("plan {}", self.plan_status));
        self.plan()
    }

    fn read(&self, path: &str) -> Option<Value> {
        let (customer, plan) = (customer_tenant(), plan());
        let base = format!("/partnercenter/v1/customers/{customer}/subscriptions");
        let list = |items: Vec<Value>| Some(json!({"totalCount": items.len(), "items": items}));
        match path {
            "/partnercenter/v1/customers" => {
                let odd = self.odd_customer.then(|| json!({"id": {"no": "text"}}));
                let known = json!({
                    "id": customer.to_string(), "relationshipToPartner": "reseller",
                    "companyProfile": {"tenantId": customer.to_string(), "domain": "kund.example", "companyName": "Kund AB"},
                });
                let other = |tenant: &String| json!({"id": tenant, "companyProfile": {"companyName": "Annan AB"}});
                list(odd.into_iter().chain([known]).chain(self.others.iter().map(other)).collect())
            }
            "/partnercenter/webhooks/v1/registration" => self.webhook.clone(),
            "/partnercenter/webhooks/v1/registration/events" => Some(json!(["subscription-updated"])),
            "/graph/beta/security/partner/securityAlerts" => {
                Some(json!({"value": self.alerts.values().collect::<Vec<_>>()}))
            }
            "/graph/beta/security/partner/securityScore/requirements" => {
                let (total, with_mfa) = self.admins?;
                Some(json!({"value": [{
                    "id": "mfaEnforcedForAdmins", "requirementType": "mfaEnforcedForAdmins",
                    "complianceStatus": "noncomplaint", "totalAdminsCount": total, "mfaEnabledAdminsCount": with_mfa,
                }]}))
            }
            _ if path == base => list(vec![self.plan()]),
            _ if path == format!("{base}/{plan}") => Some(self.plan()),
            _ if path == format!("{base}/{plan}/azureEntitlements") => list(vec![self.entitlement()]),
            _ if path == format!("{base}/{plan}/azureEntitlements/{}", azure()) => Some(self.entitlement()),
            _ => self.alerts.get(path.strip_prefix("/graph/beta/security/partner/securityAlerts/")?).cloned(),
        }
    }

    /// The page of the audit log that an address asks for. Only single days and ranges of them are asked for.
    fn audit_page(&self, url: &str) -> Value {
        let of = |name: &str| url.split(&format!("{name}=")).nth(1).unwrap().split('&').next().unwrap().to_owned();
        let (first, last) = (of("startDate"), of("endDate"));
        let items: Vec<Value> =
            self.audit.range(first.clone()..=last.clone()).flat_map(|(_, day)| day.clone()).collect();
        let mut page = json!({"totalCount": items.len(), "items": items});
        if self.endless_audit.as_ref().is_some_and(|day| (first..=last).contains(day)) {
            let number: u32 = url.split("seek=").nth(1).map_or(0, |number| number.parse().unwrap());
            let begin = url.split("&seek=").next().unwrap();
            let next = begin.strip_prefix(BASE).unwrap().strip_prefix("/partnercenter").unwrap();
            page["links"] =
                json!({"next": {"uri": format!("{next}&seek={}", number + 1), "method": "GET", "headers": []}});
        }
        page
    }

    fn plan(&self) -> Value {
        json!({
            "id": plan().to_string(), "offerName": "Azure plan", "friendlyName": "Azure plan", "quantity": 1,
            "unitType": "Usage-based", "billingType": "usage", "status": self.plan_status, "autoRenewEnabled": true,
            "scheduledNextTermInstructions": {"quantity": 1}, "attributes": {"etag": "e1", "objectType": "Subscription"},
        })
    }

    fn entitlement(&self) -> Value {
        json!({
            "id": azure().to_string(), "friendlyName": "prod", "status": self.azure_status,
            "subscriptionId": plan().to_string(),
        })
    }
}

fn throttled(seconds: u32) -> Result<Response, SendError> {
    let mut response = failed(429, &json!({"statusCode": 429, "message": "Rate limit is exceeded."}))?;
    response.headers.insert("retry-after", HeaderValue::from(seconds));
    Ok(response)
}

fn ok(body: &Value) -> Result<Response, SendError> {
    failed(200, body)
}

#[expect(clippy::unnecessary_wraps, reason = "a send answers with a response or a failure")]
fn failed(status: u16, body: &Value) -> Result<Response, SendError> {
    Ok(Response { status, headers: HeaderMap::new(), body: body.to_string().into_bytes() })
}
