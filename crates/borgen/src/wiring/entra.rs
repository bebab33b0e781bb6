//! From the settings to signing in by Entra ID, and the way its questions leave the program: by the same client as every
//! other request to Microsoft.

use crate::config::Loaded;
use anyhow::Context;
use domain::ids::TenantId;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use microsoft::seam::{Outbound, Request};
use microsoft::{Cloud, ReqwestOutbound};
use std::sync::Arc;
use std::time::Duration;
use web::{AskProvider, Asking, EntraSettings, NotTold, SignIn, Told};

/// Where people of the public cloud sign in.
const AUTHORITY: &str = "https://login.microsoftonline.com";
/// How long an answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// The largest answer that is read: keys and tokens are far smaller.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Asks over the network.
#[derive(Debug)]
struct OverNetwork(ReqwestOutbound);

impl AskProvider for OverNetwork {
    fn ask<'a>(&'a self, url: &'a str, form: Option<String>) -> Asking<'a> {
        Box::pin(async move {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            let headers = form.iter().map(|_| (CONTENT_TYPE, kind.clone())).collect::<HeaderMap>();
            let request = Request {
                method: if form.is_some() { Method::POST } else { Method::GET },
                url: url.to_owned(),
                headers,
                body: form.map(String::into_bytes),
                time_limit: TIME_LIMIT,
                max_response_bytes: MAX_ANSWER_BYTES,
            };
            let answer = self.0.send(request).await.map_err(|error| NotTold(error.to_string()))?;
            Ok(Told { status: answer.status, body: answer.body })
        })
    }
}

/// How people sign in, as the settings say: by Entra ID too, once a tenant is named.
pub(crate) fn sign_in(settings: &Loaded) -> anyhow::Result<SignIn> {
    let Some(tenant) = settings.some_text("entra.tenant") else { return Ok(SignIn::default()) };
    let public_url = settings.some_text("server.public_url").context("entra.tenant needs server.public_url")?;
    let entra = EntraSettings {
        authority: AUTHORITY.to_owned(),
        tenant: TenantId(tenant.parse().context("entra.tenant is no tenant")?),
        client_id: settings.some_text("entra.client_id").context("entra.tenant needs entra.client_id")?,
        client_secret: settings.secret("entra.client_secret").context("entra.tenant needs entra.client_secret")?,
        public_url: public_url.trim_end_matches('/').to_owned(),
        roles: EntraSettings::usual_roles(),
        ask: Arc::new(OverNetwork(ReqwestOutbound::new(&Cloud::public())?)),
    };
    Ok(SignIn { clock: None, entra: Some(entra) })
}
