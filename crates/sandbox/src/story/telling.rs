//! A story being told: its steps in order of time, and what each step does to the world.

use std::collections::VecDeque;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use uuid::Uuid;

use crate::state::activity::Record;
use crate::state::change::Actor;
use crate::state::outbox::{Outgoing, ParcelKind};
use crate::state::timers::Due;
use crate::story::{Resource, StorySummary};
use crate::world::{AlertRequest, Cause, World};

/// Records in one push; longer lists are cut into several.
pub(crate) const MAX_RECORDS_PER_PUSH: usize = 1_000;

/// One thing that a story does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Log records become readable, and are pushed when an intake is set. Each with whether it is written in the REST form.
    Records(Vec<(Record, bool)>),
    /// A resource appears and runs.
    Resource(Uuid, Resource),
    /// Microsoft raises an alert.
    Alert(AlertRequest),
}

/// A story: its summary and the steps still to come.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) summary: StorySummary,
    pub(crate) steps: VecDeque<(Timestamp, Step)>,
}

impl World {
    /// Tells every step of a story that is due now and sets the timer for the next.
    pub(crate) fn tell_next_step(&mut self, story: usize) {
        let mut due = Vec::new();
        let next = {
            let Some(told) = self.stories.get_mut(story) else {
                return;
            };
            while let Some((_, step)) = told.steps.pop_front_if(|(at, _)| *at <= self.now) {
                due.push(step);
            }
            told.steps.front().map(|(at, _)| *at)
        };
        for step in due {
            self.carry_out(story, step);
        }
        if let Some(at) = next {
            self.timers.set(at, Due::StoryStep { story });
        }
    }

    fn carry_out(&mut self, story: usize, step: Step) {
        let cause = Cause::of("story", Actor::named("attacker", "story"));
        match step {
            Step::Records(records) => self.tell(records),
            Step::Resource(subscription, _) if !self.is_azure_active(subscription) => {}
            Step::Resource(subscription, resource) => {
                let id = resource.id.clone();
                let list = self.resources.entry(subscription).or_default();
                list.retain(|known| known.id != id);
                list.push(resource);
                self.note_resource(subscription, &id, (false, true), &cause);
            }
            Step::Alert(alert) => {
                let raised = self.raise_alert_because(&alert, &Cause::of("story", Actor::microsoft()));
                if let Some(told) = self.stories.get_mut(story) {
                    told.summary.alert = raised;
                }
            }
        }
    }

    /// Makes records readable in the activity log and pushes them to the intake, when one is set.
    pub(crate) fn tell(&mut self, records: Vec<(Record, bool)>) {
        let mut lines = Vec::with_capacity(records.len());
        for (record, in_rest_form) in records {
            if !self.can_happen(&record) {
                continue;
            }
            self.records_told += 1;
            if self.intake.is_some() {
                lines.push(if in_rest_form { record.rest() } else { record.export() });
            }
            if let Record::Azure(activity) = &record {
                self.activity.push(activity.subscription, record.clone());
            }
        }
        self.push_lines(&lines);
    }

    /// Nothing more is done in a cancelled Azure subscription, by attackers and employees alike.
    fn can_happen(&self, record: &Record) -> bool {
        match record {
            Record::Azure(activity) => self.is_azure_active(activity.subscription),
            Record::Mail(_) => true,
        }
    }

    fn is_azure_active(&self, subscription: Uuid) -> bool {
        self.by_azure_subscription
            .get(&subscription)
            .and_then(|place| self.entitlement(*place, subscription))
            .is_some_and(|entitlement| entitlement.state.is_active())
    }

    /// Queues lines for the intake as gzip NDJSON; how many were queued.
    pub(crate) fn push_lines(&mut self, lines: &[serde_json::Value]) -> usize {
        let Some(intake) = self.intake.clone() else {
            return 0;
        };
        let mut queued = 0;
        for part in lines.chunks(MAX_RECORDS_PER_PUSH) {
            let headers = [
                ("authorization", format!("Bearer {}", intake.connection_key)),
                ("content-type", "application/x-ndjson".to_owned()),
                ("content-encoding", "gzip".to_owned()),
            ];
            let outgoing = Outgoing {
                id: 0,
                kind: ParcelKind::Events { records: part.len() },
                url: intake.url.clone(),
                headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                body: packed(part),
                attempt: 0,
            };
            if self.outbox.add(outgoing, self.now).is_some() {
                queued += part.len();
            }
        }
        queued
    }
}

fn packed(lines: &[serde_json::Value]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail; an empty body would be refused by the receiver and seen as parked.
    lines.iter().try_for_each(|line| writeln!(encoder, "{line}")).and_then(|()| encoder.finish()).unwrap_or_default()
}
