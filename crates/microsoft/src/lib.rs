//! Partner Center, Microsoft Graph and Azure as Borgen uses them: wire types and a client that tries every call once.
//! No clock, no randomness, no waiting, no retry budgets: those are the caller's. No business decisions either.

pub mod alerts;
pub mod arm;
pub mod audit;
mod call;
mod client;
mod cloud;
pub mod customers;
pub mod entitlements;
mod error;
pub mod fraud_events;
mod ids;
mod links;
mod observer;
mod outbound;
mod page;
mod patch;
mod raw;
mod refusal;
pub mod registration;
pub mod renewal;
pub mod score;
pub mod seam;
pub mod subscriptions;
mod tokens;
pub mod webhook;
mod wire;

pub use call::{Call, CallContext};
pub use client::{Client, MAX_RESPONSE_BYTES, READ_TIME_LIMIT, WRITE_TIME_LIMIT};
pub use cloud::{Audiences, CertificateSource, Cloud, Role};
pub use error::{Error, NO_REFRESH_TOKEN, RefusalKind};
pub use ids::{
    AlertId, AzureSubscriptionId, BadId, EntitlementKey, InvoiceId, MAX_ID_BYTES, RelationshipId, SubscriptionId,
    SubscriptionKey, TenantId, WebhookTestId,
};
pub use observer::{CallRecord, Observer, Outcome};
pub use outbound::{OutboundUnavailable, ReqwestOutbound};
pub use page::{Continuation, Listing, MAX_PAGES, Page, Row};
pub use patch::{OperationLink, Patched, Polled};
pub use raw::{RawJson, RawObject};
pub use refusal::MAX_RETRY_AFTER;
pub use tokens::{Credentials, Keeping, MAX_CACHED_TOKENS, Mode, TokenStore, TokenStoreError};
