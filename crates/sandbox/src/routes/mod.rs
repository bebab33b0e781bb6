//! The interfaces by path: which call a request is, and who answers it.
//! All roles live under one origin: `/login`, `/partnercenter`, `/graph`, `/arm`, `/cert`, and `/sandbox` for the control plane.

pub(crate) mod alerts;
pub(crate) mod arm;
pub(crate) mod audit;
pub(crate) mod control;
pub(crate) mod customers;
pub(crate) mod entitlements;
pub(crate) mod fraud_events;
pub(crate) mod gate;
pub(crate) mod login;
pub(crate) mod odata;
pub(crate) mod paging;
pub(crate) mod receivers;
pub(crate) mod registration;
pub(crate) mod score;
pub(crate) mod subscriptions;
pub(crate) mod views;

use std::collections::BTreeMap;

use http::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::exchange::{Request, Response};
use crate::refusal::{self, Refused};
use crate::state::change::Actor;
use crate::state::token::Claims;
use crate::world::{Cause, World};

/// One call, by method and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    Token(String),
    Customers,
    Customer(Uuid),
    ValidationStatus(Uuid),
    Relationships,
    Subscriptions(Uuid),
    Subscription(Uuid, Uuid),
    PatchSubscription(Uuid, Uuid),
    Operation(Uuid, Uuid, u64),
    Entitlements(Uuid, Uuid),
    Entitlement(Uuid, Uuid, Uuid),
    CancelEntitlement(Uuid, Uuid, Uuid),
    ReactivateEntitlement(Uuid, Uuid, Uuid),
    AuditRecords,
    FraudEvents,
    AnswerFraudEvents(Uuid),
    WebhookEvents,
    ViewRegistration,
    Register,
    UpdateRegistration,
    SendTestEvent,
    TestEvent(String),
    Alerts,
    Alert(String),
    PatchAlert(String),
    Score,
    Requirements,
    Insights,
    ArmSubscriptions,
    ArmSubscription(Uuid),
    ArmActivity(Uuid),
    ArmResources(Uuid),
    ArmCancel(Uuid),
    ArmEnable(Uuid),
    ArmDeallocate(Uuid, String),
    Certificate,
    ReceiverWebhook(String),
    ReceiverTeams(String),
    Control(String),
    Unknown,
}

impl Call {
    /// Which call the request is.
    pub(crate) fn of(request: &Request) -> Self {
        let path = request.path().to_owned();
        let lower = path.to_lowercase();
        let parts: Vec<&str> = lower.split('/').filter(|part| !part.is_empty()).collect();
        let found = match parts.split_first() {
            Some((&"login", rest)) => login_call(&request.method, rest),
            Some((&"partnercenter", rest)) => partner_center_call(&request.method, rest),
            Some((&"graph", rest)) => graph_call(&request.method, rest),
            Some((&"arm", rest)) => arm_call(&request.method, rest),
            Some((&"cert", ["pcnotifications-dispatch.microsoft.com.cer"])) => Some(Self::Certificate),
            Some((&"receivers", rest)) => receiver_call(&request.method, rest),
            Some((&"sandbox", _)) => Some(Self::Control(lower.clone())),
            _ => None,
        };
        found.unwrap_or(Self::Unknown)
    }

    /// The route's name in fault rules, counters and the change log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Customers => "customers",
            Self::Customer(_) => "customer",
            Self::ValidationStatus(_) => "validation_status",
            Self::Relationships => "relationships",
            Self::Subscriptions(_) => "subscriptions",
            Self::Subscription(..) => "subscription",
            Self::PatchSubscription(..) => "subscription_patch",
            Self::Operation(..) => "operation",
            Self::Entitlements(..) => "entitlements",
            Self::Entitlement(..) => "entitlement",
            Self::CancelEntitlement(..) => "entitlement_cancel",
            Self::ReactivateEntitlement(..) => "entitlement_reactivate",
            Self::AuditRecords => "audit_records",
            Self::FraudEvents => "fraud_events",
            Self::AnswerFraudEvents(_) => "fraud_events_status",
            Self::WebhookEvents => "webhook_events",
            Self::ViewRegistration => "webhook_registration",
            Self::Register => "webhook_register",
            Self::UpdateRegistration => "webhook_update",
            Self::SendTestEvent => "webhook_test",
            Self::TestEvent(_) => "webhook_test_result",
            Self::Alerts => "alerts",
            Self::Alert(_) => "alert",
            Self::PatchAlert(_) => "alert_patch",
            Self::Score => "security_score",
            Self::Requirements => "security_requirements",
            Self::Insights => "customer_insights",
            Self::ArmSubscriptions => "arm_subscriptions",
            Self::ArmSubscription(_) => "arm_subscription",
            Self::ArmActivity(_) => "arm_activity_log",
            Self::ArmResources(_) => "arm_resources",
            Self::ArmCancel(_) => "arm_cancel",
            Self::ArmEnable(_) => "arm_enable",
            Self::ArmDeallocate(..) => "arm_deallocate",
            Self::Certificate => "certificate",
            Self::ReceiverWebhook(_) => "receiver_webhook",
            Self::ReceiverTeams(_) => "receiver_teams",
            Self::Control(_) => "control",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the call changes something.
    pub(crate) fn is_write(&self) -> bool {
        matches!(
            self,
            Self::PatchSubscription(..)
                | Self::CancelEntitlement(..)
                | Self::ReactivateEntitlement(..)
                | Self::AnswerFraudEvents(_)
                | Self::Register
                | Self::UpdateRegistration
                | Self::SendTestEvent
                | Self::PatchAlert(_)
                | Self::ArmCancel(_)
                | Self::ArmEnable(_)
                | Self::ArmDeallocate(..)
                | Self::ReceiverWebhook(_)
                | Self::ReceiverTeams(_)
        )
    }

    /// The customer whose calls are counted against the documented limit.
    pub(crate) fn customer(&self) -> Option<Uuid> {
        match self {
            Self::Customer(customer)
            | Self::Subscriptions(customer)
            | Self::Subscription(customer, _)
            | Self::PatchSubscription(customer, _)
            | Self::Entitlements(customer, _)
            | Self::Entitlement(customer, ..)
            | Self::CancelEntitlement(customer, ..)
            | Self::ReactivateEntitlement(customer, ..) => Some(*customer),
            _ => None,
        }
    }

    /// Whether the call belongs to Partner Center.
    pub(crate) fn is_partner_center(&self) -> bool {
        gate::audience(self) == Some(crate::state::token::PARTNER_CENTER_AUDIENCE)
    }
}

fn receiver_call(method: &Method, rest: &[&str]) -> Option<Call> {
    match (method, rest) {
        (&Method::POST, ["webhook", name]) => Some(Call::ReceiverWebhook((*name).to_owned())),
        (&Method::POST, ["teams", name]) => Some(Call::ReceiverTeams((*name).to_owned())),
        _ => None,
    }
}

fn login_call(method: &Method, rest: &[&str]) -> Option<Call> {
    match (method, rest) {
        (&Method::POST, [tenant, "oauth2", "token"] | [tenant, "oauth2", "v2.0", "token"]) => {
            Some(Call::Token((*tenant).to_owned()))
        }
        _ => None,
    }
}

fn partner_center_call(method: &Method, rest: &[&str]) -> Option<Call> {
    match (method, rest) {
        (_, ["v1", "customers", rest @ ..]) => customer_call(method, rest),
        (&Method::GET, ["v1", "relationships"]) => Some(Call::Relationships),
        (&Method::GET, ["v1", "auditrecords"]) => Some(Call::AuditRecords),
        (&Method::GET, ["v1", "fraudevents"]) => Some(Call::FraudEvents),
        (&Method::POST, ["v1", "fraudevents", "subscription", subscription, "status"]) => {
            Some(Call::AnswerFraudEvents(id(subscription)?))
        }
        (_, ["webhooks", "v1", "registration", rest @ ..]) => registration_call(method, rest),
        _ => None,
    }
}

fn customer_call(method: &Method, rest: &[&str]) -> Option<Call> {
    let get = method == Method::GET;
    match rest {
        [] if get => Some(Call::Customers),
        [customer] if get => Some(Call::Customer(id(customer)?)),
        [customer, "validationstatus"] if get => Some(Call::ValidationStatus(id(customer)?)),
        [customer, "subscriptions"] if get => Some(Call::Subscriptions(id(customer)?)),
        [customer, "subscriptions", subscription] if get => Some(Call::Subscription(id(customer)?, id(subscription)?)),
        [customer, "subscriptions", subscription] if method == Method::PATCH => {
            Some(Call::PatchSubscription(id(customer)?, id(subscription)?))
        }
        [customer, "subscriptions", subscription, "operations", number] if get => {
            Some(Call::Operation(id(customer)?, id(subscription)?, number.parse().ok()?))
        }
        [customer, "subscriptions", plan, "azureentitlements", rest @ ..] => {
            entitlement_call(method, (id(customer)?, id(plan)?), rest)
        }
        _ => None,
    }
}

fn entitlement_call(method: &Method, (customer, plan): (Uuid, Uuid), rest: &[&str]) -> Option<Call> {
    match (method, rest) {
        (&Method::GET, []) => Some(Call::Entitlements(customer, plan)),
        (&Method::GET, [entitlement]) => Some(Call::Entitlement(customer, plan, id(entitlement)?)),
        (&Method::POST, [entitlement, "cancel"]) => Some(Call::CancelEntitlement(customer, plan, id(entitlement)?)),
        (&Method::POST, [entitlement, "reactivate"]) => {
            Some(Call::ReactivateEntitlement(customer, plan, id(entitlement)?))
        }
        _ => None,
    }
}

fn registration_call(method: &Method, rest: &[&str]) -> Option<Call> {
    match (method, rest) {
        (&Method::GET, ["events"]) => Some(Call::WebhookEvents),
        (&Method::GET, []) => Some(Call::ViewRegistration),
        (&Method::POST, []) => Some(Call::Register),
        (&Method::PUT, []) => Some(Call::UpdateRegistration),
        (&Method::POST, ["validationevents"]) => Some(Call::SendTestEvent),
        (&Method::GET, ["validationevents", test]) => Some(Call::TestEvent((*test).to_owned())),
        _ => None,
    }
}

fn graph_call(method: &Method, rest: &[&str]) -> Option<Call> {
    let ["beta", "security", "partner", rest @ ..] = rest else {
        return None;
    };
    match (method, rest) {
        (&Method::GET, ["securityalerts"]) => Some(Call::Alerts),
        (&Method::GET, ["securityalerts", alert]) => Some(Call::Alert((*alert).to_owned())),
        (&Method::PATCH, ["securityalerts", alert]) => Some(Call::PatchAlert((*alert).to_owned())),
        (&Method::GET, ["securityscore"]) => Some(Call::Score),
        (&Method::GET, ["securityscore", "requirements"]) => Some(Call::Requirements),
        (&Method::GET, ["securityscore", "customerinsights"]) => Some(Call::Insights),
        _ => None,
    }
}

fn arm_call(method: &Method, rest: &[&str]) -> Option<Call> {
    let ["subscriptions", rest @ ..] = rest else {
        return None;
    };
    let get = method == Method::GET;
    let post = method == Method::POST;
    match rest {
        [] if get => Some(Call::ArmSubscriptions),
        [subscription] if get => Some(Call::ArmSubscription(id(subscription)?)),
        [subscription, "providers", "microsoft.insights", "eventtypes", "management", "values"] if get => {
            Some(Call::ArmActivity(id(subscription)?))
        }
        [subscription, "resources"] if get => Some(Call::ArmResources(id(subscription)?)),
        [subscription, "providers", "microsoft.subscription", "cancel"] if post => {
            Some(Call::ArmCancel(id(subscription)?))
        }
        [subscription, "providers", "microsoft.subscription", "enable"] if post => {
            Some(Call::ArmEnable(id(subscription)?))
        }
        [subscription, "resourcegroups", .., "deallocate"] if post => {
            Some(Call::ArmDeallocate(id(subscription)?, rest.join("/")))
        }
        _ => None,
    }
}

fn id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok()
}

/// What a route needs of a request that has passed the gate.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) request: &'a Request,
    pub(crate) call: &'a Call,
    pub(crate) claims: Option<Claims>,
    pub(crate) query: BTreeMap<String, String>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(request: &'a Request, call: &'a Call, claims: Option<Claims>) -> Self {
        Self { request, call, claims, query: request.query() }
    }

    /// The body as JSON, or the E1 refusal of something else.
    pub(crate) fn body(&self) -> Result<Value, Refused> {
        serde_json::from_slice::<Value>(&self.request.body)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| Box::new(refusal::classic(400, "2000", "The request body is not a JSON object.")))
    }

    /// Who acts, by which route and under which request id.
    pub(crate) fn cause(&self) -> Cause {
        Cause {
            route: self.call.name(),
            actor: self.actor(),
            request_id: self.request.header("ms-requestid").map(str::to_owned),
        }
    }

    fn actor(&self) -> Actor {
        match &self.claims {
            None => Actor::named("nobody", "nobody"),
            Some(claims) => Actor {
                kind: if claims.is_user() { "appUser" } else { "app" },
                name: claims.upn.clone().unwrap_or_else(|| claims.appid.clone()),
                token: Some(claims.jti.clone()),
            },
        }
    }
}

/// Answers a call that has passed the gate.
pub(crate) fn dispatch(world: &mut World, context: &Context<'_>) -> Response {
    match context.call {
        Call::Token(tenant) => login::token(world, context, tenant),
        Call::Customers => customers::list(world, context),
        Call::Customer(customer) => customers::get(world, *customer),
        Call::ValidationStatus(customer) => customers::validation_status(world, *customer),
        Call::Relationships => customers::relationships(world),
        Call::Subscriptions(customer) => subscriptions::list(world, *customer),
        Call::Subscription(customer, subscription) => subscriptions::get(world, *customer, *subscription),
        Call::PatchSubscription(customer, subscription) => {
            subscriptions::patch(world, context, *customer, *subscription)
        }
        Call::Operation(customer, subscription, number) => {
            subscriptions::operation(world, (*customer, *subscription), *number)
        }
        Call::Entitlements(customer, plan) => entitlements::list(world, *customer, *plan),
        Call::Entitlement(customer, plan, entitlement) => entitlements::get(world, (*customer, *plan), *entitlement),
        Call::CancelEntitlement(customer, plan, entitlement) => {
            entitlements::cancel(world, context, (*customer, *plan), *entitlement)
        }
        Call::ReactivateEntitlement(customer, plan, entitlement) => {
            entitlements::reactivate(world, context, (*customer, *plan), *entitlement)
        }
        Call::AuditRecords => audit::list(world, context),
        Call::FraudEvents => fraud_events::list(world, context),
        Call::AnswerFraudEvents(subscription) => fraud_events::answer(world, context, *subscription),
        Call::WebhookEvents => registration::events(),
        Call::ViewRegistration => registration::view(world),
        Call::Register | Call::UpdateRegistration => registration::register(world, context),
        Call::SendTestEvent => registration::send_test(world),
        Call::TestEvent(test) => registration::test_result(world, test),
        Call::Alerts => alerts::list(world, context),
        Call::Alert(alert) => alerts::get(world, alert),
        Call::PatchAlert(alert) => alerts::patch(world, context, alert),
        Call::Score => score::score(world),
        Call::Requirements => score::requirements(world),
        Call::Insights => score::insights(world, context),
        Call::ArmSubscriptions => arm::list(world, context),
        Call::ArmSubscription(subscription) => arm::get(world, context, *subscription),
        Call::ArmActivity(subscription) => arm::activity_log(world, context, *subscription),
        Call::ArmResources(subscription) => arm::resources(world, context, *subscription),
        Call::ArmCancel(subscription) => arm::cancel(world, context, *subscription),
        Call::ArmEnable(subscription) => arm::enable(world, context, *subscription),
        Call::ArmDeallocate(subscription, path) => arm::deallocate(world, context, (*subscription, path)),
        Call::Certificate => Response::bytes("application/pkix-cert", world.trust.signer_der().to_vec()),
        Call::ReceiverWebhook(name) => receivers::webhook(world, context, name),
        Call::ReceiverTeams(name) => receivers::teams(world, context, name),
        Call::Control(_) | Call::Unknown => refusal::classic(404, "404", "No such route."),
    }
}
