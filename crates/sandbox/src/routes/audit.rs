//! Partner Center's audit records: day query, filters, the 90-day rule and paging (microsoft.md 7).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::exchange::Response;
use crate::loose;
use crate::refusal;
use crate::routes::Context;
use crate::routes::paging::{page, seek};
use crate::state::audit::{AUDIT_DAYS, AuditRecord};
use crate::state::seat::later;
use crate::world::World;

/// How many days are answered when no start is given.
pub(crate) const DEFAULT_AUDIT_DAYS: i64 = 30;
const DAY_HOURS: i64 = 24;

/// Answers the records from `startDate` to the end of `endDate`, newest last.
pub(crate) fn list(world: &World, context: &Context<'_>) -> Response {
    let today = day_of(world.now);
    let date = |name: &str| match context.query.get(name) {
        None => Ok(None),
        Some(text) => day(text).map(Some).ok_or_else(|| Box::new(bad("The date is not valid."))),
    };
    let (start, end) = match (date("startdate"), date("enddate")) {
        (Ok(start), Ok(end)) => (start, end),
        (Err(refused), _) | (_, Err(refused)) => return *refused,
    };
    let start = start.unwrap_or_else(|| days_before(today, DEFAULT_AUDIT_DAYS));
    if start < days_before(today, AUDIT_DAYS) {
        return bad("The start date must be within the last 90 days.");
    }
    let end = later(end.unwrap_or(today), SignedDuration::from_hours(DAY_HOURS));
    let filter = match context.query.get("filter").map(|text| Filter::read(text)) {
        None => None,
        Some(Some(filter)) => Some(filter),
        Some(None) => return bad("The filter is not valid."),
    };
    let seek = match seek(world, context) {
        Ok(seek) => seek,
        Err(refused) => return *refused,
    };
    let fitting: Vec<&AuditRecord> = world
        .audit
        .iter()
        .filter(|record| record.at >= start && record.at < end)
        .filter(|record| filter.as_ref().is_none_or(|filter| filter.fits(record)))
        .collect();
    let items: Vec<Value> =
        fitting.iter().skip(seek.offset).take(seek.size).map(|record| view(world, record)).collect();
    Response::json(200, &page(world, context, (seek, fitting.len()), &items))
}

fn bad(text: &str) -> Response {
    refusal::classic(400, "2000", text)
}

fn day(text: &str) -> Option<Timestamp> {
    let date: Date = text.get(..10)?.parse().ok()?;
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn day_of(at: Timestamp) -> Timestamp {
    let date = at.to_zoned(TimeZone::UTC).date();
    date.to_zoned(TimeZone::UTC).map_or(at, |zoned| zoned.timestamp())
}

fn days_before(day: Timestamp, days: i64) -> Timestamp {
    later(day, SignedDuration::from_hours(-DAY_HOURS * days))
}

enum Filter {
    CompanyContains(String),
    Customer(String),
    ResourceType(String),
}

impl Filter {
    fn read(text: &str) -> Option<Self> {
        let filter: Value = serde_json::from_str(text).ok()?;
        let value = loose::text(&filter, "Value")?.to_lowercase();
        let field = loose::text(&filter, "Field")?.to_lowercase();
        let operator = loose::text(&filter, "Operator")?.to_lowercase();
        match (field.as_str(), operator.as_str()) {
            ("companyname", "substring") => Some(Self::CompanyContains(value)),
            ("customerid", "equals") => Some(Self::Customer(value)),
            ("resourcetype", "equals") => Some(Self::ResourceType(value)),
            _ => None,
        }
    }

    fn fits(&self, record: &AuditRecord) -> bool {
        let customer = record.customer.as_ref();
        match self {
            Self::CompanyContains(part) => customer.is_some_and(|(_, name)| name.to_lowercase().contains(part)),
            Self::Customer(id) => customer.is_some_and(|(tenant, _)| tenant.to_string() == *id),
            Self::ResourceType(kind) => record.resource_type == kind,
        }
    }
}

fn view(world: &World, record: &AuditRecord) -> Value {
    json!({
        "id": record.id,
        "partnerId": world.partner.tenant.to_string(),
        "customerId": record.customer.as_ref().map(|(tenant, _)| tenant.to_string()),
        "customerName": record.customer.as_ref().map(|(_, name)| name),
        "userPrincipalName": record.user,
        "applicationId": record.application,
        "resourceType": record.resource_type,
        "resourceOldValue": record.old,
        "resourceNewValue": record.new,
        "operationType": record.operation,
        "operationDate": record.at,
        "operationStatus": "succeeded",
        "customizedData": [{"key": "CustomerId", "value": record.customer.as_ref().map(|(tenant, _)| tenant.to_string())}],
        "attributes": {"objectType": "AuditRecord"},
    })
}
