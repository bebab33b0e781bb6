//! Reading from an event what an intake needs to sort it: whose it is, when, what, from where.
//! The same taxonomy that the rules use, without any rule.

use serde::Serialize;

use crate::event::{Event, EventError};
use crate::taxonomy::{Concept, LogType};

/// The most instances that are read: Azure has no larger scale set.
/// Source: Azure "Virtual Machine Scale Sets: placement groups" (1,000 instances).
pub const MAX_INSTANCES: u32 = 1_000;

/// What an event says about itself; `None` where it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Concepts {
    /// The log it belongs to.
    pub log_type: LogType,
    /// Identity of the record.
    pub event_id: Option<String>,
    /// When it happened, as the event writes it.
    pub event_time: Option<String>,
    /// Azure subscription.
    pub subscription_id: Option<String>,
    /// Entra tenant.
    pub tenant_id: Option<String>,
    /// What was done.
    pub operation: Option<String>,
    /// How it ended.
    pub status: Option<String>,
    /// Who did it.
    pub caller: Option<String>,
    /// From which address.
    pub caller_ip: Option<String>,
    /// What it was done to.
    pub resource_id: Option<String>,
    /// Azure region, or the country of a sign-in.
    pub location: Option<String>,
    /// Size of a virtual machine or scale set.
    pub vm_size: Option<String>,
    /// How many of that size there are by its capacity, at most [`MAX_INSTANCES`].
    pub instances: Option<u32>,
    /// Ties the records of one operation together.
    pub correlation_id: Option<String>,
}

/// Reads the concepts of one event.
///
/// # Errors
/// Returns why the bytes are not an event.
pub fn read(bytes: &[u8]) -> Result<Concepts, EventError> {
    Event::parse(bytes).map(|event| of(&event))
}

/// Reads the concepts of an event that is parsed already.
#[must_use]
pub fn of(event: &Event) -> Concepts {
    let view = event.view();
    let text = |concept| view.concept(concept);
    let vm_size = text(Concept::VmSize);
    // Most events have no size: they need not be searched for how many there are of it.
    let instances = vm_size.as_ref().and_then(|_| text(Concept::Instances)).and_then(|text| instances_of(&text));
    Concepts {
        log_type: event.log_type(),
        event_id: text(Concept::EventId),
        event_time: text(Concept::EventTime),
        subscription_id: text(Concept::SubscriptionId),
        tenant_id: text(Concept::TenantId),
        operation: text(Concept::Operation),
        status: text(Concept::Status).or_else(|| text(Concept::ResultCode)),
        caller: text(Concept::Caller),
        caller_ip: text(Concept::CallerIp),
        resource_id: text(Concept::ResourceId),
        location: text(Concept::Location),
        vm_size,
        instances,
        correlation_id: text(Concept::CorrelationId),
    }
}

/// A capacity as a number of instances; nothing when it is no whole number, or below zero.
fn instances_of(text: &str) -> Option<u32> {
    let whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What is too long to be read is too many.
    whole.then(|| text.parse().unwrap_or(MAX_INSTANCES).min(MAX_INSTANCES))
}
