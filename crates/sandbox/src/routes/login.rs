//! The token service: client credentials, refresh tokens and authorization codes, in the forms of version 1 and 2.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::exchange::{Response, form};
use crate::refusal;
use crate::routes::Context;
use crate::state::token::{Claims, TOKEN_SECONDS};
use crate::world::World;

/// Answers `POST /login/{tenant}/oauth2[/v2.0]/token`.
pub(crate) fn token(world: &mut World, context: &Context<'_>, tenant: &str) -> Response {
    let form = form(&context.request.body);
    let value = |name: &str| form.get(name).map_or("", String::as_str);
    let version_2 = context.request.path().to_lowercase().contains("/v2.0/");
    let Some(tenant) = known_tenant(world, tenant) else {
        return refusal::token(400, "invalid_request", "AADSTS90002: Tenant not found.");
    };
    let known = value("client_id").eq_ignore_ascii_case(&world.partner.client_id.to_string())
        && value("client_secret") == world.partner.client_secret;
    if !known {
        return refusal::token(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    let audience = match (version_2, value("resource"), value("scope")) {
        (false, resource, _) => resource.to_owned(),
        (true, _, scope) => scope_audience(scope),
    };
    if !audience.starts_with("https://") {
        return refusal::token(400, "invalid_resource", "AADSTS500011: The resource principal was not found.");
    }
    let user = match value("grant_type") {
        "client_credentials" => false,
        "refresh_token" if world.key.open("refresh token", value("refresh_token")).is_some() => true,
        "authorization_code" if world.key.open("authorization code", value("code")).is_some() => true,
        "refresh_token" | "authorization_code" => {
            return refusal::token(400, "invalid_grant", "AADSTS70000: The grant is invalid or has expired.");
        }
        _ => {
            return refusal::token(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.");
        }
    };
    issue(world, (tenant, audience), user, version_2)
}

fn known_tenant(world: &World, tenant: &str) -> Option<Uuid> {
    let tenant = Uuid::try_parse(tenant).ok()?;
    (tenant == world.partner.tenant || world.by_tenant.contains_key(&tenant)).then_some(tenant)
}

/// The audience of the first scope that names one: `https://graph.microsoft.com/.default`.
fn scope_audience(scope: &str) -> String {
    scope
        .split_whitespace()
        .find(|scope| scope.starts_with("https://"))
        .map(|scope| scope.rsplit_once('/').map_or(scope, |(audience, _)| audience))
        .unwrap_or_default()
        .to_owned()
}

fn issue(world: &mut World, (tenant, audience): (Uuid, String), user: bool, version_2: bool) -> Response {
    let now = world.now.as_second();
    let number = world.draw.guid();
    let partner = &world.partner;
    let amr: &[&str] = match (user, world.switches.mfa_present) {
        (false, _) => &[],
        (true, true) => &["pwd", "mfa"],
        (true, false) => &["pwd"],
    };
    let claims = Claims {
        aud: audience.clone(),
        iss: format!("https://sts.windows.net/{tenant}/"),
        iat: now,
        nbf: now,
        exp: now + TOKEN_SECONDS,
        tid: tenant,
        oid: if user { partner.user_object } else { partner.app_object },
        appid: partner.client_id.to_string(),
        idtyp: if user { "user" } else { "app" }.to_owned(),
        upn: user.then(|| partner.user.clone()),
        amr: amr.iter().map(|method| (*method).to_owned()).collect(),
        jti: number.simple().to_string(),
    };
    let mut body = Map::new();
    body.insert("token_type".to_owned(), json!("Bearer"));
    body.insert("access_token".to_owned(), json!(world.key.issue(&claims)));
    if version_2 {
        body.insert("expires_in".to_owned(), json!(TOKEN_SECONDS));
        body.insert("ext_expires_in".to_owned(), json!(TOKEN_SECONDS));
    } else {
        // Version 1 writes its numbers as strings.
        body.insert("expires_in".to_owned(), json!(TOKEN_SECONDS.to_string()));
        body.insert("ext_expires_in".to_owned(), json!(TOKEN_SECONDS.to_string()));
        body.insert("expires_on".to_owned(), json!(claims.exp.to_string()));
        body.insert("not_before".to_owned(), json!(now.to_string()));
        body.insert("resource".to_owned(), json!(audience));
    }
    if user {
        body.insert("scope".to_owned(), json!("user_impersonation"));
        let refresh = world.key.seal("refresh token", &number.simple().to_string());
        body.insert("refresh_token".to_owned(), json!(refresh));
    }
    Response::json(200, &Value::Object(body)).with_header("cache-control", "no-store, no-cache")
}
