//! Ordinary life: the employees of a customer, the days before the story, and what quiet customers do meanwhile.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::draw::Draw;
use crate::population::names::Contact;
use crate::routes::views;
use crate::state::activity::{Activity, Person, Phase, Record};
use crate::state::customer::Customer;
use crate::state::seat::later;
use crate::story::scene::home_region;
use crate::world::World;

/// How many days of ordinary records a customer has when the world begins.
pub(crate) const HISTORY_DAYS: u64 = 5;
const DAY_SECONDS: u64 = 86_400;

/// What people ordinarily do: operation, resource path, and whether it names a machine size.
const DEEDS: &[(&str, &str, bool)] = &[
    ("Microsoft.Compute/virtualMachines/start/action", "providers/Microsoft.Compute/virtualMachines/app1", false),
    ("Microsoft.Compute/virtualMachines/deallocate/action", "providers/Microsoft.Compute/virtualMachines/app1", false),
    ("Microsoft.Compute/virtualMachines/write", "providers/Microsoft.Compute/virtualMachines/app1", true),
    ("Microsoft.Web/sites/write", "providers/Microsoft.Web/sites/www", false),
    ("Microsoft.Web/sites/restart/action", "providers/Microsoft.Web/sites/www", false),
    ("Microsoft.Sql/servers/databases/write", "providers/Microsoft.Sql/servers/sql1/databases/erp", false),
    ("Microsoft.Resources/deployments/write", "providers/Microsoft.Resources/deployments/release", false),
    ("Microsoft.RecoveryServices/vaults/backupJobs/read", "providers/Microsoft.RecoveryServices/vaults/backup", false),
];
const ORDINARY_SIZES: &[&str] = &["Standard_B2ms", "Standard_D2s_v5", "Standard_D4s_v5"];

/// One of the two people of a customer who work with Azure, at the office's address and with a second factor.
pub(crate) fn employee(world: &World, number: usize, which: u64) -> Option<Person> {
    let customer = world.customers.get(number)?;
    let index = u64::try_from(number).ok()?.saturating_mul(2).saturating_add(which);
    let mut draw = Draw::new(world.seed, "employee", index);
    let contact = Contact::draw(&mut draw, customer.country);
    Some(Person {
        user: format!("{}@{}", contact.mailbox(), views::domain(customer, number)),
        object: draw.guid(),
        home_tenant: customer.tenant,
        address: format!("198.51.100.{}", number % 254 + 1),
        mfa: true,
    })
}

impl World {
    /// The ordinary records of a customer in the days before the world began, oldest first, in the diagnostic export form.
    #[must_use]
    pub fn history(&self, tenant: Uuid) -> Vec<Value> {
        self.customer_place(tenant)
            .map(|number| self.history_of(number))
            .unwrap_or_default()
            .iter()
            .map(Record::export)
            .collect()
    }

    /// Pushes the history of the first so many customers to the intake; the number of records queued.
    pub fn push_history(&mut self, customers: usize) -> usize {
        let mut pushed = 0;
        let mut lines = Vec::new();
        for number in 0..customers.min(self.customers.len()) {
            lines.extend(self.history_of(number).iter().map(Record::export));
            if lines.len() >= super::telling::MAX_RECORDS_PER_PUSH {
                pushed += self.push_lines(&lines);
                lines.clear();
            }
        }
        pushed + self.push_lines(&lines)
    }

    pub(crate) fn history_of_subscription(&self, subscription: Uuid) -> Vec<Record> {
        self.by_azure_subscription
            .get(&subscription)
            .map(|number| self.history_of(*number))
            .unwrap_or_default()
            .into_iter()
            .filter(|record| matches!(record, Record::Azure(activity) if activity.subscription == subscription))
            .collect()
    }

    fn history_of(&self, number: usize) -> Vec<Record> {
        let index = u64::try_from(number).unwrap_or(u64::MAX);
        let mut draw = Draw::new(self.seed, "history", index);
        let subscriptions = self
            .customers
            .get(number)
            .and_then(|customer| customer.plan.as_ref())
            .map_or(0, |plan| plan.entitlements.len());
        let mut records = Vec::new();
        for place in 0..subscriptions {
            for _ in 0..draw.between(4, 8) {
                let ago = draw.between(60, HISTORY_DAYS * DAY_SECONDS);
                let at = later(self.start, -seconds(ago));
                records.extend(self.deed(number, (place, at), &mut draw));
            }
        }
        records.sort_by_key(Record::at);
        records
    }

    /// Ordinary records of quiet customers, and of the story's own, between now and so many minutes later.
    /// Each with whether it is written in the REST form.
    pub(crate) fn ordinary_life(
        &self,
        (customer, quiet): (usize, u32),
        (from, minutes): (Timestamp, u32),
        draw: &mut Draw,
    ) -> Vec<(Record, bool)> {
        let length = u64::from(minutes) * 60;
        let others: Vec<usize> = (0..quiet).map(|_| draw.place(self.customers.len())).collect();
        let mut records = Vec::new();
        for number in std::iter::once(customer).chain(others) {
            let subscriptions = self
                .customers
                .get(number)
                .and_then(|found| found.plan.as_ref())
                .map_or(0, |plan| plan.entitlements.len());
            if subscriptions == 0 {
                continue;
            }
            for _ in 0..draw.between(1, 4) {
                let place = draw.place(subscriptions);
                let at = later(from, seconds(draw.below(length)));
                let in_rest_form = draw.per_mille(200);
                records.extend(self.deed(number, (place, at), draw).map(|record| (record, in_rest_form)));
            }
        }
        records
    }

    fn deed(&self, number: usize, (place, at): (usize, Timestamp), draw: &mut Draw) -> Option<Record> {
        let customer: &Customer = self.customers.get(number)?;
        let entitlement = customer.plan.as_ref()?.entitlements.get(place)?;
        let (operation, path, has_size) = DEEDS.get(draw.place(DEEDS.len())).copied()?;
        let person = employee(self, number, draw.below(2))?;
        let region = home_region(customer.country, entitlement.region);
        let failed = draw.per_mille(30);
        let phase = if failed { Phase::Failure } else { Phase::Success };
        let group = "rg-production".to_owned();
        let body = has_size.then(
            || json!({"location": region, "properties": {"hardwareProfile": {"vmSize": draw.pick(ORDINARY_SIZES)}}}),
        );
        Some(Record::Azure(Box::new(Activity {
            at,
            event_id: draw.guid(),
            correlation: draw.guid(),
            tenant: customer.tenant,
            subscription: entitlement.id,
            resource_id: format!("/subscriptions/{}/resourceGroups/{group}/{path}", entitlement.id),
            resource_group: group,
            operation,
            phase,
            person,
            region,
            request_body: body.clone(),
            response_body: body,
            message: None,
        })))
    }
}

fn seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).unwrap_or(i64::MAX))
}
