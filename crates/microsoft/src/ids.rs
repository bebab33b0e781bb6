//! The ids that become part of a path, each its own type and checked on the way in, so that no id can change where a request goes.
//! Names, mail addresses and other free text are not ids and never enter a path.

use serde::{Deserialize, Serialize};

/// The longest id that is accepted, in bytes; an alert's id (`{subscription}-{guid}`) is 73.
pub const MAX_ID_BYTES: usize = 128;

/// A text that cannot be an id: empty, too long, or with characters that could leave its path segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of a {kind}: expected 1 to {MAX_ID_BYTES} letters, digits, hyphens or underscores")]
pub struct BadId {
    /// What the id should have named.
    pub kind: &'static str,
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_ID_BYTES
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts a text as id; upper case is kept, comparison is exact.
            pub fn parse(text: impl Into<String>) -> Result<Self, BadId> {
                let text = text.into();
                if is_id(&text) { Ok(Self(text)) } else { Err(BadId { kind: $kind }) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                Self::parse(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A Microsoft Entra tenant: the partner's own or a customer's (Partner Center's customer id).
    TenantId,
    "tenant"
);
id!(
    /// A Partner Center subscription: a seat subscription or an Azure plan.
    SubscriptionId,
    "subscription"
);
id!(
    /// An Azure subscription: an entitlement under an Azure plan.
    AzureSubscriptionId,
    "Azure subscription"
);
id!(
    /// A partner security alert in Graph.
    AlertId,
    "security alert"
);
id!(
    /// A test event sent through the webhook (its correlation id).
    WebhookTestId,
    "webhook test"
);
id!(
    /// An invoice of Microsoft's to the partner (`G0...`).
    InvoiceId,
    "invoice"
);
id!(
    /// A granular admin relationship with a customer.
    RelationshipId,
    "granular admin relationship"
);

/// Names a subscription: Partner Center finds it only below its customer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubscriptionKey {
    /// The customer tenant.
    pub customer: TenantId,
    /// The subscription, or the Azure plan.
    pub subscription: SubscriptionId,
}

/// Names an Azure subscription below its customer and Azure plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntitlementKey {
    /// The customer tenant.
    pub customer: TenantId,
    /// The Azure plan.
    pub plan: SubscriptionId,
    /// The Azure subscription.
    pub entitlement: AzureSubscriptionId,
}
