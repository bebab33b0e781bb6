//! Reading from an event what an intake needs to sort it: whose it is, when, what, from where.
//! The same taxonomy that the rules use, without any rule.

use serde::Serialize;

use crate::event::{Event, EventError};
use crate::taxonomy::{Concept, LogType};

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
        vm_size: text(Concept::VmSize),
        correlation_id: text(Concept::CorrelationId),
    }
}
