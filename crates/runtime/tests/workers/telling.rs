//! What the log says while Microsoft is away, and of what can't be read: little, and never nothing.

use crate::world::World;
use jiff::SignedDuration;
use runtime::intake::Intake;
use runtime::microsoft_sync::{Sync, SyncPart};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Keeps the lines of a log.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

struct Written(String);

impl Visit for Written {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("runtime")
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut written = Written(String::new());
        event.record(&mut written);
        self.0.lock().unwrap().push((*event.metadata().level(), written.0));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Lines {
    fn of(&self, level: Level) -> Vec<String> {
        self.0.lock().unwrap().iter().filter(|(of, _)| *of == level).map(|(_, line)| line.clone()).collect()
    }
}

fn sync(world: &World) -> Sync {
    let set = sigma::RuleSet::load([], &sigma::LoadOptions::default()).set;
    let prices = Arc::new(policy::Prices::embedded().unwrap());
    let intake = Intake::new(world.tools.clone(), set, sigma::EngineOptions::default(), prices);
    Sync::new(world.tools.clone(), Arc::clone(&world.connection), intake, "test")
}

#[tokio::test]
async fn while_microsoft_is_away_the_log_has_a_line_then_one_in_ten_minutes_then_one_when_it_is_back() {
    let world = World::new().await;
    let sync = sync(&world);
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    world.microsoft.reads_fail(u32::MAX);
    for _ in 0..25 {
        for part in [SyncPart::Customers, SyncPart::Alerts, SyncPart::Audit] {
            sync.run_once(part).await.unwrap();
        }
        world.clock.advance(SignedDuration::from_mins(1));
    }
    let warned = lines.of(Level::WARN);
    assert_eq!(warned.len(), 3, "one when it begins and one each ten minutes: {warned:#?}");
    assert!(warned[1].contains("sync.failures=31") && warned[1].contains("sync.minutes=10"), "{warned:#?}");
    assert!(lines.of(Level::INFO).is_empty());
    world.microsoft.reads_fail(0);
    for _ in 0..3 {
        for part in [SyncPart::Customers, SyncPart::Alerts, SyncPart::Audit] {
            sync.run_once(part).await.unwrap();
        }
    }
    let told = lines.of(Level::INFO);
    assert!(
        told.len() == 1 && told[0].contains("Microsoft is back") && told[0].contains("sync.failures=75"),
        "{told:?}"
    );
    assert_eq!(lines.of(Level::WARN).len(), 3);
}

#[tokio::test]
async fn a_row_of_customers_that_cannot_be_read_is_said_once_and_the_others_are_taken() {
    let world = World::new().await;
    let sync = sync(&world);
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    world.microsoft.odd_customer();
    for _ in 0..3 {
        sync.run_once(SyncPart::Customers).await.unwrap();
    }
    let warned = lines.of(Level::WARN);
    assert!(warned.len() == 1 && warned[0].contains("sync.unreadable=1"), "{warned:?}");
    assert!(world.file(world.customer()).await.customer().is_some());
}
