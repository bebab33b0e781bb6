//! Changing a subscription: read it, change the named field in the very bytes told, send the whole back under its ETag.
//! Microsoft resets renewal and next-term instructions that a PATCH leaves out, so nothing is left out. An answer of 202 is
//! a state, not a loop: the caller asks the operation again when it likes.

use std::time::Duration;

use http::header::{IF_MATCH, LOCATION};
use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::SubscriptionKey;
use crate::links;
use crate::raw::RawObject;
use crate::refusal;
use crate::seam::Response;
use crate::subscriptions::{SubscriptionDocument, path, subject};

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patched {
    /// The subscription had the wanted fields already; nothing was sent.
    Unchanged(Box<SubscriptionDocument>),
    /// Carried out; the subscription as Microsoft now tells it.
    Done(Box<SubscriptionDocument>),
    /// Accepted and under way. Ask the operation, or read the subscription; without a link only the latter.
    Accepted {
        /// Where to ask.
        operation: Option<OperationLink>,
        /// How long Microsoft wants the caller to wait first.
        retry_after: Option<Duration>,
    },
}

/// The link of an operation under way. It may be stored; its host is checked again when used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationLink {
    url: String,
}

/// What an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polled {
    /// Still under way.
    Pending {
        /// How long Microsoft wants the caller to wait.
        retry_after: Option<Duration>,
    },
    /// Over; read the subscription to see how.
    Over,
}

impl Client {
    /// Reads the subscription, lets `change` alter it, and sends the whole back with `If-Match`.
    /// `StaleETag` means it changed in between: decide again, with a new request id.
    pub async fn patch(
        &self,
        context: &CallContext,
        key: &SubscriptionKey,
        change: impl FnOnce(&mut RawObject) -> Result<(), serde_json::Error> + Send,
    ) -> Result<Patched, Error> {
        self.patch_as("change subscription", context, key, change).await
    }

    /// `patch` under the name of what is done.
    pub(crate) async fn patch_as(
        &self,
        operation: &'static str,
        context: &CallContext,
        key: &SubscriptionKey,
        change: impl FnOnce(&mut RawObject) -> Result<(), serde_json::Error> + Send,
    ) -> Result<Patched, Error> {
        let call = Call::write(operation, subject(key));
        let before = self.subscription(&context.part("read before change"), key).await?;
        let mut after = before.raw.clone();
        change(&mut after).map_err(|error| unwritable(&call, &error))?;
        if after == before.raw {
            return Ok(Patched::Unchanged(Box::new(before)));
        }
        let body = serde_json::to_vec(&after).map_err(|error| unwritable(&call, &error))?;
        let mut outgoing = self.writing(call, Role::PartnerCenter, Method::PATCH, &path(key), body);
        if let Some(etag) = before.view.etag() {
            outgoing.headers.insert(IF_MATCH, quoted(&outgoing.call, etag)?);
        }
        let response = self.exchange(context, &outgoing).await?;
        if response.status == 202 {
            return Ok(self.accepted(context, &response));
        }
        SubscriptionDocument::read(&outgoing.call, &response.body).map(|now| Patched::Done(Box::new(now)))
    }

    /// Suspends a subscription. For seats this stops access, never Microsoft's bill, and drops what `RenewalSnapshot` keeps:
    /// take one first. An Azure plan answers `PlanStillActive` until every Azure subscription under it is cancelled.
    pub async fn suspend(&self, context: &CallContext, key: &SubscriptionKey) -> Result<Patched, Error> {
        self.set_status("suspend subscription", context, key, "suspended").await
    }

    /// Reactivates a suspended subscription or Azure plan, before its term ends.
    pub async fn reactivate(&self, context: &CallContext, key: &SubscriptionKey) -> Result<Patched, Error> {
        self.set_status("reactivate subscription", context, key, "active").await
    }

    /// Cancels a seat subscription inside its window; after it Microsoft refuses with `WindowPassed`.
    pub async fn cancel_subscription(&self, context: &CallContext, key: &SubscriptionKey) -> Result<Patched, Error> {
        self.set_status("cancel subscription", context, key, "deleted").await
    }

    /// Switches automatic renewal. Off alone no longer stops cost for every subscription: extended service terms may follow.
    pub async fn set_auto_renew(
        &self,
        context: &CallContext,
        key: &SubscriptionKey,
        enabled: bool,
    ) -> Result<Patched, Error> {
        self.patch_as("set automatic renewal", context, key, |subscription| {
            set_if_other(subscription, "autoRenewEnabled", &enabled)
        })
        .await
    }

    /// Asks an accepted operation once how far it is. `LinkExpired` means the link has aged out: read the subscription.
    pub async fn poll(&self, context: &CallContext, link: &OperationLink) -> Result<Polled, Error> {
        let call = Call::read("ask an accepted operation", "");
        let base = self.cloud.base(Role::PartnerCenter);
        links::within(base, &link.url).map_err(|_| Error::Malformed {
            call: call.clone(),
            what: "an operation link that leaves its host",
            place: "the link".to_owned(),
        })?;
        let mut outgoing = self.reading(call, Role::PartnerCenter, "", Needs::UserFirst);
        outgoing.url.clone_from(&link.url);
        let response = self.exchange(context, &outgoing).await?;
        if response.status == 202 {
            return Ok(Polled::Pending { retry_after: refusal::retry_after(&response, "", context.now) });
        }
        Ok(Polled::Over)
    }

    async fn set_status(
        &self,
        operation: &'static str,
        context: &CallContext,
        key: &SubscriptionKey,
        to: &str,
    ) -> Result<Patched, Error> {
        self.patch_as(operation, context, key, |subscription| set_if_other(subscription, "status", &to)).await
    }

    fn accepted(&self, context: &CallContext, response: &Response) -> Patched {
        let location = response.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        // A link that leaves the host is dropped: the act was accepted all the same, and the subscription can be read.
        let url = location.and_then(|link| links::partner_center(self.cloud.base(Role::PartnerCenter), link).ok());
        Patched::Accepted {
            operation: url.map(|url| OperationLink { url }),
            retry_after: refusal::retry_after(response, "", context.now),
        }
    }
}

/// Leaves the bytes alone when they already mean the same.
fn set_if_other(object: &mut RawObject, name: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
    let wanted = crate::raw::RawJson::of(value)?;
    if !object.get(name).is_some_and(|current| current.means_the_same(&wanted)) {
        object.set_raw(name, wanted);
    }
    Ok(())
}

/// An `ETag` goes inside double quotes; some are told with them.
fn quoted(call: &Call, etag: &str) -> Result<HeaderValue, Error> {
    let bare = etag.trim_matches('"');
    let header = if etag.starts_with("W/") { etag.to_owned() } else { format!("\"{bare}\"") };
    HeaderValue::from_str(&header).map_err(|_| Error::Malformed {
        call: Call::read(call.operation(), call.subject()),
        what: "a subscription",
        place: "attributes.etag".to_owned(),
    })
}

/// Nothing was sent, so the call is told as a read: it is not in doubt.
fn unwritable(call: &Call, error: &serde_json::Error) -> Error {
    Error::Malformed {
        call: Call::read(call.operation(), call.subject()),
        what: "the change",
        place: format!("line {}, column {}", error.line(), error.column()),
    }
}
