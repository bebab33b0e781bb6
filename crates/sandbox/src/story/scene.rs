//! The stage of one story: the customer, the people, the place, and the records and resources written so far.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::draw::Draw;
use crate::population::words::Country;
use crate::routes::views;
use crate::state::activity::{Activity, MailActivity, Person, Phase, Record};
use crate::state::seat::later;
use crate::story::ordinary::employee;
use crate::story::{Plot, Resource, Step, StorySummary};
use crate::world::{AlertRequest, World};

/// Regions far from every simulated customer.
const FAR_REGIONS: &[&str] = &[
    "southcentralus",
    "eastus2",
    "westus3",
    "brazilsouth",
    "southeastasia",
    "koreacentral",
    "australiaeast",
    "southafricanorth",
    "uaenorth",
    "japaneast",
];
/// Sizes with graphics processors.
const GPU_SIZES: &[&str] = &[
    "Standard_NC24ads_A100_v4",
    "Standard_NC96ads_A100_v4",
    "Standard_ND96asr_v4",
    "Standard_NC64as_T4_v3",
    "Standard_NV36ads_A10_v5",
    "Standard_ND96isr_H100_v5",
];
/// Large sizes without graphics processors, as a planned peak would use.
const PLAIN_SIZES: &[&str] = &["Standard_D16s_v5", "Standard_E8s_v5", "Standard_D32s_v5"];

/// One act to be written down.
pub(crate) struct Act<'a> {
    pub(crate) operation: &'static str,
    /// Path below the resource group, as `providers/Microsoft.Compute/virtualMachines/vm1`; empty for the subscription itself.
    pub(crate) path: &'a str,
    pub(crate) request: Option<Value>,
    pub(crate) response: Option<Value>,
    pub(crate) message: Option<String>,
}

impl<'a> Act<'a> {
    pub(crate) fn plain(operation: &'static str, path: &'a str) -> Self {
        Self { operation, path, request: None, response: None, message: None }
    }

    pub(crate) fn with_request(mut self, request: Value) -> Self {
        self.request = Some(request);
        self
    }

    pub(crate) fn with_response(mut self, response: Value) -> Self {
        self.response = Some(response);
        self
    }
}

/// The stage.
pub(crate) struct Scene {
    pub(crate) draw: Draw,
    pub(crate) tenant: Uuid,
    pub(crate) partner_tenant: Uuid,
    pub(crate) tenant_name: String,
    pub(crate) subscription: Uuid,
    pub(crate) region: &'static str,
    pub(crate) size: &'static str,
    pub(crate) uses_machines: bool,
    pub(crate) group: String,
    pub(crate) person: Person,
    pub(crate) alert_type: &'static str,
    pub(crate) clock: Timestamp,
    customer_name: String,
    begins: Timestamp,
    alert: Option<(Timestamp, AlertRequest)>,
    records: Vec<(Record, bool)>,
    resources: Vec<(Timestamp, Resource)>,
}

impl Scene {
    pub(crate) fn open(
        world: &World,
        (number, plot): (usize, Plot),
        begins: Timestamp,
        mut draw: Draw,
    ) -> Option<Self> {
        let customer = world.customers.get(number)?;
        let active: Vec<_> =
            customer.plan.as_ref()?.entitlements.iter().filter(|entitlement| entitlement.state.is_active()).collect();
        let entitlement = active.get(draw.place(active.len()))?;
        let peaceful = plot == Plot::PlannedPeak;
        let person = if peaceful { employee(world, number, 0)? } else { thief(&mut draw, employee(world, number, 1)?) };
        let region = if peaceful { home_region(customer.country, entitlement.region) } else { draw.pick(FAR_REGIONS) };
        let size = draw.pick(if peaceful { PLAIN_SIZES } else { GPU_SIZES });
        let group = if peaceful { "rg-peak".to_owned() } else { format!("rg{}", draw.between(100, 9_999)) };
        Some(Self {
            tenant: customer.tenant,
            partner_tenant: world.partner.tenant,
            tenant_name: views::domain(customer, number),
            subscription: entitlement.id,
            region,
            size,
            uses_machines: false,
            group,
            person,
            alert_type: "ARM_SuspiciousOperations",
            clock: begins,
            customer_name: customer.name.full(),
            begins,
            alert: None,
            records: Vec::new(),
            resources: Vec::new(),
            draw,
        })
    }

    /// Lets some seconds of the story pass.
    pub(crate) fn pass(&mut self, least_seconds: u64, most_seconds: u64) {
        let seconds = i64::try_from(self.draw.between(least_seconds, most_seconds)).unwrap_or(0);
        self.clock = later(self.clock, SignedDuration::from_secs(seconds));
    }

    /// The full id of something in the story's resource group.
    pub(crate) fn full_id(&self, path: &str) -> String {
        let subscription = format!("/subscriptions/{}", self.subscription);
        if path.is_empty() {
            subscription
        } else if let Some(rest) = path.strip_prefix("//") {
            // Two slashes: directly below the subscription.
            format!("{subscription}/{rest}")
        } else {
            format!("{subscription}/resourceGroups/{}/{path}", self.group)
        }
    }

    /// Writes an act as Azure does: Start, then Accept with the answer, then Success, with one correlation id.
    pub(crate) fn act(&mut self, act: &Act<'_>) -> String {
        let correlation = self.draw.guid();
        let resource_id = self.full_id(act.path);
        let in_rest_form = self.draw.per_mille(200);
        for (phase, seconds) in [(Phase::Start, 0), (Phase::Accept, 2), (Phase::Success, 40)] {
            let activity = Activity {
                at: later(self.clock, SignedDuration::from_secs(seconds)),
                event_id: self.draw.guid(),
                correlation,
                tenant: self.tenant,
                subscription: self.subscription,
                resource_group: self.group.clone(),
                resource_id: resource_id.clone(),
                operation: act.operation,
                phase,
                person: self.person.clone(),
                region: self.region,
                request_body: act.request.clone().filter(|_| phase == Phase::Start),
                response_body: act.response.clone().filter(|_| phase != Phase::Start),
                message: act.message.clone(),
            };
            self.records.push((Record::Azure(Box::new(activity)), in_rest_form));
        }
        resource_id
    }

    /// Writes an act in a mailbox.
    pub(crate) fn mail(&mut self, operation: &'static str, parameters: Vec<(&'static str, String)>) {
        let mail = MailActivity {
            at: self.clock,
            event_id: self.draw.guid(),
            tenant: self.tenant,
            tenant_name: self.tenant_name.clone(),
            operation,
            person: self.person.clone(),
            mailbox: self.person.user.clone(),
            parameters,
        };
        self.records.push((Record::Mail(Box::new(mail)), false));
    }

    /// Lets a resource come into being and run.
    pub(crate) fn run(&mut self, id: String, kind: &'static str) {
        self.uses_machines = true;
        let resource = Resource { id, kind, size: self.size, region: self.region, running: true };
        self.resources.push((self.clock, resource));
    }

    /// Schedules Microsoft's alert about the resources so far, some minutes after the last act.
    pub(crate) fn alert(&mut self, alert_type: &'static str, severity: &str, confidence: &str) {
        self.alert_type = alert_type;
        let minutes = i64::try_from(self.draw.between(8, 25)).unwrap_or(10);
        let at = later(self.clock, SignedDuration::from_mins(minutes));
        let observed = at.duration_since(self.begins).as_secs();
        let resources = match self.resources.as_slice() {
            [] => vec![self.full_id("")],
            some => some.iter().map(|(_, resource)| resource.id.clone()).collect(),
        };
        let request = AlertRequest {
            subscription: Some(self.subscription),
            alert_type: Some(alert_type.to_owned()),
            severity: Some(severity.to_owned()),
            confidence: Some(confidence.to_owned()),
            resources,
            observed_seconds_ago: u32::try_from(observed).unwrap_or(0),
            ..AlertRequest::default()
        };
        self.alert = Some((at, request));
    }

    pub(crate) fn summary(&self, (number, seed, plot): (usize, u64, Plot), ordinary_records: usize) -> StorySummary {
        StorySummary {
            number,
            seed,
            plot,
            false_alarm: plot == Plot::PlannedPeak,
            customer: self.tenant,
            customer_name: self.customer_name.clone(),
            subscription: self.subscription,
            vm_size: self.uses_machines.then_some(self.size),
            region: self.region,
            resources: self.resources.iter().map(|(_, resource)| resource.id.clone()).collect(),
            user: self.person.user.clone(),
            address: self.person.address.clone(),
            begins: self.begins,
            ends: self.clock,
            alert_at: self.alert.as_ref().map_or(self.clock, |(at, _)| *at),
            alert_type: self.alert_type,
            alert: None,
            records: self.records.len(),
            ordinary_records,
        }
    }

    /// All steps in order of time. Records are told `delay_seconds` after what they tell; one step per second.
    pub(crate) fn steps(self, ordinary: Vec<(Record, bool)>, delay_seconds: u32) -> VecDeque<(Timestamp, Step)> {
        let delay = SignedDuration::from_secs(i64::from(delay_seconds));
        let mut records: Vec<(Record, bool)> = self.records.into_iter().chain(ordinary).collect();
        records.sort_by_key(|(record, _)| record.at());
        let mut steps: Vec<(Timestamp, Step)> = Vec::new();
        for record in records {
            let at = later(record.0.at(), delay);
            match steps.last_mut() {
                Some((last, Step::Records(told))) if *last == at => told.push(record),
                _ => steps.push((at, Step::Records(vec![record]))),
            }
        }
        let subscription = self.subscription;
        steps.extend(self.resources.into_iter().map(|(at, resource)| (at, Step::Resource(subscription, resource))));
        steps.extend(self.alert.map(|(at, alert)| (at, Step::Alert(alert))));
        steps.sort_by_key(|(at, _)| *at);
        steps.into()
    }
}

pub(crate) fn home_region(country: Country, place: u8) -> &'static str {
    country.regions().get(usize::from(place)).copied().unwrap_or("westeurope")
}

/// The account of an employee in a stranger's hands: another address, and no second factor.
fn thief(draw: &mut Draw, employee: Person) -> Person {
    Person { address: format!("203.0.113.{}", draw.between(1, 254)), mfa: false, ..employee }
}
