//! Stories: what happens to customers and attackers, told step by step at story time, all from one seed.
//! Which operations make up a plot is in `plots.rs`; ordinary life is in `ordinary.rs`.

mod ordinary;
mod plots;
mod scene;
mod telling;

use std::collections::VecDeque;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::draw::Draw;
use crate::exchange::{Request, Response};
use crate::routes::control::read;
use crate::state::seat::later;
use crate::state::timers::Due;
use crate::story::scene::Scene;
use crate::world::World;

pub(crate) use telling::{Step, Story};

/// How many stories one world tells.
pub(crate) const MAX_STORIES: usize = 1_000;
/// How many quiet customers one story has beside it.
pub(crate) const MAX_QUIET_CUSTOMERS: u32 = 5_000;
/// How many times an attacker enables a cancelled Azure subscription again.
pub(crate) const MAX_REENABLES: u8 = 3;

/// What happens in a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plot {
    /// Virtual machines with graphics processors, many at once, in a region the customer never used.
    GpuBurst,
    /// Batch pools or machine-learning compute.
    BatchCompute,
    /// Owner granted to a stranger, the partner removed, diagnostic settings and the budget deleted, quota raised.
    OwnerTakeover,
    /// A mailbox that forwards to a stranger, and then a quota request in Azure with the stolen account.
    MailForwarding,
    /// An Azure subscription moved to a stranger's tenant.
    SubscriptionMoved,
    /// No attack: the customer's own administrator scales up as planned, and Microsoft raises an alert.
    PlannedPeak,
}

impl Plot {
    const ATTACKS: [Self; 5] =
        [Self::GpuBurst, Self::BatchCompute, Self::OwnerTakeover, Self::MailForwarding, Self::SubscriptionMoved];
}

/// A story to be told. Everything left out is drawn from the seed.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StoryRequest {
    /// Another seed gives another customer, plot, size, region and resources.
    pub seed: u64,
    /// What happens; drawn when absent.
    pub plot: Option<Plot>,
    /// Tell a planned peak instead of an attack.
    pub false_alarm: bool,
    /// The customer tenant; drawn among those with Azure when absent.
    pub customer: Option<Uuid>,
    /// How many other customers go on with their ordinary work meanwhile.
    pub quiet_customers: u32,
    /// Seconds until the first step.
    pub starts_in_seconds: u32,
    /// Minutes of ordinary life around it.
    pub minutes: u32,
    /// Whether the attacker enables a cancelled Azure subscription again, three times at most, while the plan is active.
    pub fights_back: bool,
}

impl Default for StoryRequest {
    fn default() -> Self {
        Self {
            seed: 1,
            plot: None,
            false_alarm: false,
            customer: None,
            quiet_customers: 20,
            starts_in_seconds: 30,
            minutes: 60,
            fights_back: false,
        }
    }
}

/// What a story is about: the truth against which a detection is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StorySummary {
    /// Number of the story in this world.
    pub number: usize,
    /// The seed asked for.
    pub seed: u64,
    /// What happens.
    pub plot: Plot,
    /// Whether it is no attack.
    pub false_alarm: bool,
    /// The customer tenant.
    pub customer: Uuid,
    /// The customer's name.
    pub customer_name: String,
    /// The Azure subscription.
    pub subscription: Uuid,
    /// The size of the machines, when there are any.
    pub vm_size: Option<&'static str>,
    /// The region in which it happens.
    pub region: &'static str,
    /// The resources that come into being.
    pub resources: Vec<String>,
    /// The account with which it is done.
    pub user: String,
    /// The address it is done from.
    pub address: String,
    /// The first act.
    pub begins: Timestamp,
    /// The last act.
    pub ends: Timestamp,
    /// When Microsoft raises its alert.
    pub alert_at: Timestamp,
    /// The type of Microsoft's alert.
    pub alert_type: &'static str,
    /// The alert's id once it is raised.
    pub alert: Option<String>,
    /// How many records tell of it, without the ordinary ones.
    pub records: usize,
    /// How many ordinary records surround it.
    pub ordinary_records: usize,
}

/// A resource that exists in an Azure subscription and may cost money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) size: &'static str,
    pub(crate) region: &'static str,
    pub(crate) running: bool,
}

impl World {
    /// Starts a story at this simulated time. None when no customer fits or the world tells as many stories as it can already.
    pub fn start_story(&mut self, now: Timestamp, request: &StoryRequest) -> Option<StorySummary> {
        self.advance(now);
        if self.stories.len() >= MAX_STORIES {
            return None;
        }
        let mut draw = Draw::new(self.seed ^ request.seed.rotate_left(17), "story", request.seed);
        let plot = match (request.false_alarm, request.plot) {
            (true, _) => Plot::PlannedPeak,
            (false, Some(plot)) => plot,
            (false, None) => *Plot::ATTACKS.get(draw.place(Plot::ATTACKS.len()))?,
        };
        let customer = self.story_customer(request.customer, &mut draw)?;
        let begins = later(self.now, SignedDuration::from_secs(i64::from(request.starts_in_seconds)));
        let mut scene = Scene::open(self, (customer, plot), begins, draw)?;
        plots::play(&mut scene, plot);
        let quiet = request.quiet_customers.min(MAX_QUIET_CUSTOMERS);
        let ordinary = self.ordinary_life((customer, quiet), (self.now, request.minutes), &mut scene.draw);
        let ordinary_records = ordinary.len();
        let summary = scene.summary((self.stories.len(), request.seed, plot), ordinary_records);
        let steps = scene.steps(ordinary, self.switches.log_delay_seconds);
        if request.fights_back {
            self.defiant.insert(summary.subscription, MAX_REENABLES);
        }
        let number = self.stories.len();
        if let Some((at, _)) = steps.front() {
            self.timers.set(*at, Due::StoryStep { story: number });
        }
        self.stories.push(Story { summary: summary.clone(), steps });
        Some(summary)
    }

    /// The stories told or being told.
    pub fn stories(&self) -> impl Iterator<Item = &StorySummary> {
        self.stories.iter().map(|story| &story.summary)
    }

    fn story_customer(&self, wanted: Option<Uuid>, draw: &mut Draw) -> Option<usize> {
        let has_azure = |place: &usize| {
            self.customers
                .get(*place)
                .and_then(|customer| customer.plan.as_ref())
                .is_some_and(|plan| !plan.suspended && plan.has_active_child())
        };
        if let Some(tenant) = wanted {
            return self.customer_place(tenant).filter(has_azure);
        }
        let begin = draw.place(self.customers.len());
        (begin..self.customers.len()).chain(0..begin).find(has_azure)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HistoryRequest {
    customers: usize,
}

impl Default for HistoryRequest {
    fn default() -> Self {
        Self { customers: usize::MAX }
    }
}

/// The part of the control plane that belongs to stories.
pub(crate) fn control(world: &mut World, request: &Request, call: (&Method, &str)) -> Option<Response> {
    match call {
        (&Method::GET, "/sandbox/stories") => {
            let stories: VecDeque<&StorySummary> = world.stories().collect();
            Some(Response::json(200, &json!({"stories": stories})))
        }
        (&Method::POST, "/sandbox/stories") => Some(read(request, |story: StoryRequest| {
            let now = world.now();
            match world.start_story(now, &story) {
                Some(summary) => Response::json(201, &json!(summary)),
                None => Response::json(409, &json!({"error": "no customer fits, or too many stories"})),
            }
        })),
        (&Method::POST, "/sandbox/history") => Some(read(request, |history: HistoryRequest| {
            let pushed = world.push_history(history.customers);
            Response::json(202, &json!({"records": pushed}))
        })),
        _ => None,
    }
}
