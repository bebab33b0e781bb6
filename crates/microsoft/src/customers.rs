//! Customers of the partner: list and read. Orders, agreements and users are not asked for here.

use serde::Deserialize;

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::TenantId;
use crate::page::{Listing, Paging, Row};
use crate::wire;
use crate::wire::open_enum;

/// How many customers a page asks for.
const PAGE_SIZE: usize = 500;

open_enum!(
    /// What the partner is to the customer.
    Relationship {
        None = "none",
        Reseller = "reseller",
        Advisor = "advisor",
        Syndication = "syndication",
        MicrosoftSupport = "microsoft_support",
    }
);

/// A customer of the partner. A list tells only id, company profile and relationship.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// The customer's tenant.
    pub id: TenantId,
    /// Name, domain and registration.
    #[serde(default)]
    pub company_profile: CompanyProfile,
    /// Address and contact; only when one customer is read.
    #[serde(default)]
    pub billing_profile: Option<BillingProfile>,
    /// What the partner is to the customer.
    #[serde(default)]
    pub relationship_to_partner: Relationship,
    /// Whether delegated administration is allowed.
    #[serde(default, deserialize_with = "wire::boolean")]
    pub allow_delegated_access: Option<bool>,
    /// The indirect reseller, when there is one.
    #[serde(default, deserialize_with = "wire::text")]
    pub associated_partner_id: Option<String>,
}

/// The company behind a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CompanyProfile {
    /// The tenant, told once more.
    #[serde(deserialize_with = "wire::text")]
    pub tenant_id: Option<String>,
    /// The first domain.
    #[serde(deserialize_with = "wire::text")]
    pub domain: Option<String>,
    /// The company's name.
    #[serde(deserialize_with = "wire::text")]
    pub company_name: Option<String>,
    /// The number in the business registry.
    #[serde(deserialize_with = "wire::text")]
    pub organization_registration_number: Option<String>,
}

/// Whom Microsoft would write to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BillingProfile {
    /// Given name of the contact.
    #[serde(deserialize_with = "wire::text")]
    pub first_name: Option<String>,
    /// Family name of the contact.
    #[serde(deserialize_with = "wire::text")]
    pub last_name: Option<String>,
    /// Mail address of the contact.
    #[serde(deserialize_with = "wire::text")]
    pub email: Option<String>,
    /// Language of letters.
    #[serde(deserialize_with = "wire::text")]
    pub language: Option<String>,
    /// The company's name on bills.
    #[serde(deserialize_with = "wire::text")]
    pub company_name: Option<String>,
    /// The address.
    pub default_address: Option<Address>,
}

/// An address; the country is ISO 3166 with two letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Address {
    /// Country, two letters.
    #[serde(deserialize_with = "wire::text")]
    pub country: Option<String>,
    /// City.
    #[serde(deserialize_with = "wire::text")]
    pub city: Option<String>,
    /// State or county.
    #[serde(deserialize_with = "wire::text")]
    pub state: Option<String>,
    /// Street.
    #[serde(deserialize_with = "wire::text")]
    pub address_line1: Option<String>,
    /// Second line.
    #[serde(deserialize_with = "wire::text")]
    pub address_line2: Option<String>,
    /// Postal code.
    #[serde(deserialize_with = "wire::text")]
    pub postal_code: Option<String>,
    /// Telephone.
    #[serde(deserialize_with = "wire::text")]
    pub phone_number: Option<String>,
}

impl Listing<Customer> {
    /// All customers of the partner.
    #[must_use]
    pub fn customers() -> Self {
        let path = format!("/v1/customers?size={PAGE_SIZE}");
        Self::new("list customers", "", Role::PartnerCenter, path, Paging::Collection)
    }
}

impl Client {
    /// Reads one customer with its billing profile. `NotFound` and `Refused` with `Detached` mean it is no customer any more.
    pub async fn customer(&self, context: &CallContext, customer: &TenantId) -> Result<Row<Customer>, Error> {
        let call = Call::read("read customer", customer);
        let path = format!("/v1/customers/{customer}");
        let outgoing = self.reading(call, Role::PartnerCenter, &path, Needs::AppFirst);
        self.read_row(context, &outgoing, "a customer").await
    }

    /// Asks Partner Center whether the consent in use passes its MFA check; none when it does not say.
    pub async fn mfa_compliance(&self, context: &CallContext) -> Result<Option<bool>, Error> {
        let call = Call::read("check the consent's multi-factor authentication", "");
        let outgoing = self.reading(call, Role::PartnerCenter, "/v1/customers?size=1", Needs::User);
        let response = self.exchange(context, &outgoing).await?;
        let header = response.headers.get("ismfacompliant").and_then(|value| value.to_str().ok());
        if let Some(told) = header {
            return Ok(told.trim().to_ascii_lowercase().parse().ok());
        }
        // Sources differ on header or body: "in the response".
        let told = serde_json::from_slice::<Probe>(wire::without_bom(&response.body)).ok();
        Ok(told.and_then(|probe| probe.is_mfa_compliant))
    }
}

#[derive(Deserialize)]
struct Probe {
    #[serde(rename = "isMfaCompliant", default, deserialize_with = "wire::boolean")]
    is_mfa_compliant: Option<bool>,
}
