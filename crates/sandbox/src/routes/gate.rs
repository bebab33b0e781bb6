//! Who may call what: tokens by audience, users and applications, and the MFA claim.

use uuid::Uuid;

use crate::exchange::{Request, Response};
use crate::faults::Fault;
use crate::refusal::{self, Refused};
use crate::routes::Call;
use crate::state::token::{ARM_AUDIENCE, BadToken, Claims, GRAPH_AUDIENCE, PARTNER_CENTER_AUDIENCE};
use crate::world::World;

/// The audience that a call's token must be for; none for open calls.
pub(crate) fn audience(call: &Call) -> Option<&'static str> {
    match call {
        Call::Token(_)
        | Call::Certificate
        | Call::ReceiverWebhook(_)
        | Call::ReceiverTeams(_)
        | Call::Control(_)
        | Call::Unknown => None,
        Call::Alerts | Call::Alert(_) | Call::PatchAlert(_) | Call::Score | Call::Requirements | Call::Insights => {
            Some(GRAPH_AUDIENCE)
        }
        Call::ArmSubscriptions
        | Call::ArmSubscription(_)
        | Call::ArmActivity(_)
        | Call::ArmResources(_)
        | Call::ArmCancel(_)
        | Call::ArmEnable(_)
        | Call::ArmDeallocate(..) => Some(ARM_AUDIENCE),
        _ => Some(PARTNER_CENTER_AUDIENCE),
    }
}

/// Whether a call needs a person behind the token (microsoft.md 1.2).
fn needs_user(call: &Call) -> bool {
    matches!(call, Call::FraudEvents | Call::AnswerFraudEvents(_) | Call::ValidationStatus(_))
}

/// Checks the token of a call; the claims of a good one, none for open calls, or the documented refusal.
pub(crate) fn authorise(world: &mut World, request: &Request, call: &Call) -> Result<Option<Claims>, Refused> {
    let Some(audience) = audience(call) else {
        return Ok(None);
    };
    let claims = world
        .key
        .read(request.header("authorization"), world.now)
        .map_err(|bad| Box::new(refuse_token(audience, bad)))?;
    if !claims.is_for(audience) {
        return Err(Box::new(wrong_audience(audience)));
    }
    let name = call.name();
    if world.faults.strike(Fault::TokenExpired, name, 0).is_some() {
        return Err(Box::new(refuse_token(audience, BadToken::Expired)));
    }
    if audience == PARTNER_CENTER_AUDIENCE {
        if claims.tid != world.partner.tenant {
            return Err(Box::new(refusal::classic(403, "900308", "The token's tenant is not this partner's.")));
        }
        if needs_user(call) && !claims.is_user() {
            return Err(Box::new(refusal::classic(403, "900329", "App-only authentication is not supported here.")));
        }
        let missing = claims.is_user()
            && ((world.switches.mfa_enforced && !claims.has_mfa())
                || world.faults.strike(Fault::MfaMissing, name, 0).is_some());
        if missing {
            return Err(Box::new(mfa_missing(world)));
        }
    }
    if audience == ARM_AUDIENCE {
        right_tenant(world, call, &claims)?;
    }
    Ok(Some(claims))
}

fn right_tenant(world: &World, call: &Call, claims: &Claims) -> Result<(), Refused> {
    let Some(subscription) = arm_subscription(call) else {
        return Ok(());
    };
    let owner = world.by_azure_subscription.get(&subscription).and_then(|place| world.customers.get(*place));
    match owner {
        None => Err(Box::new(refusal::nested(
            404,
            "SubscriptionNotFound",
            &format!("The subscription '{subscription}' could not be found."),
        ))),
        Some(customer) if customer.tenant != claims.tid => Err(Box::new(refusal::nested(
            401,
            "InvalidAuthenticationTokenTenant",
            "The access token is from the wrong issuer. It must match the tenant associated with this subscription.",
        ))),
        Some(_) => Ok(()),
    }
}

fn arm_subscription(call: &Call) -> Option<Uuid> {
    match call {
        Call::ArmSubscription(subscription)
        | Call::ArmActivity(subscription)
        | Call::ArmResources(subscription)
        | Call::ArmCancel(subscription)
        | Call::ArmEnable(subscription)
        | Call::ArmDeallocate(subscription, _) => Some(*subscription),
        _ => None,
    }
}

fn refuse_token(audience: &str, bad: BadToken) -> Response {
    if audience == PARTNER_CENTER_AUDIENCE {
        let text = match bad {
            BadToken::Missing => "The request has no bearer token.",
            BadToken::Forged => "The token could not be validated.",
            BadToken::Expired => "The token has expired.",
        };
        let code = if bad == BadToken::Missing { "800001" } else { "400" };
        return refusal::classic(401, code, text).with_header("www-authenticate", "OAuth realm=urn:cpsvc:cpid:sandbox");
    }
    let code = match (audience == ARM_AUDIENCE, bad) {
        (true, BadToken::Expired) => "ExpiredAuthenticationToken",
        (true, BadToken::Missing) => "AuthenticationFailed",
        _ => "InvalidAuthenticationToken",
    };
    let text = match bad {
        BadToken::Missing => "Access token is empty.",
        BadToken::Forged => "The token could not be validated.",
        BadToken::Expired => "Lifetime validation failed, the token is expired.",
    };
    refusal::nested(401, code, text).with_header("www-authenticate", "Bearer error=\"invalid_token\"")
}

fn wrong_audience(audience: &str) -> Response {
    if audience == PARTNER_CENTER_AUDIENCE {
        refusal::classic(401, "900420", "The audience of the token is not supported.")
    } else if audience == GRAPH_AUDIENCE {
        refusal::nested(401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")
    } else {
        refusal::nested(401, "InvalidAuthenticationTokenAudience", "The access token is for the wrong audience.")
    }
}

/// The published sources name the code and not the body, so both shapes are answered in turn.
fn mfa_missing(world: &mut World) -> Response {
    let text = "The token has no multi-factor authentication claim.";
    if world.draw.next().is_multiple_of(2) {
        refusal::classic(401, "900421", text)
    } else {
        refusal::newer(401, 900_421, "MfaRequired", text)
    }
}
