//! Live pages: a stream that says when something that the reader sees has changed. It carries no content: the page asks
//! for its part again, by the same function and with the same rights as any other time.

use crate::app::App;
use crate::pages::page::Page;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::speech::{come_back, text_of};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use domain::ids::AccountId;
use domain::permission::Scope;
use futures_util::stream::{self, Stream};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;
use store::rows;
use tokio::sync::OwnedSemaphorePermit;

/// The most live pages at once.
pub(crate) const MAX_LIVE_PAGES: usize = 1_000;
/// How often the feed is looked at; all live pages share one look.
const LOOK: Duration = Duration::from_millis(300);
/// How long one stream lasts: then the browser comes again, and is recognised anew.
const MAX_STREAM: Duration = Duration::from_mins(5);
/// After so much time without a change the stream says that it is still there.
const SILENCE: Duration = Duration::from_secs(15);
/// How often a page without a stream tries to open one.
const AGAIN_SECONDS: u64 = 10;
/// The most facts that are read from the feed at once.
const MAX_FACTS_PER_PAGE: u32 = 1_000;
/// The most changes that are remembered: a page that was away for longer looks at everything again.
const MAX_RECENT: usize = 5_000;
/// The most accounts of one look that are checked against a scope; with more the page just looks again.
const MAX_CHECKED: usize = 50;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What is known of the feed: up to which position, and which accounts changed lately. All live pages share one.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    looked: Option<Duration>,
    position: u64,
    /// The latest changes, the newest last.
    recent: VecDeque<(u64, AccountId)>,
    /// The position after which every change is remembered.
    known_from: u64,
}

impl Pulse {
    /// Looks at the feed, unless somebody just did.
    async fn beat(&mut self, app: &App) -> Result<(), Problem> {
        let now = app.desk.clock.monotonic();
        let just = |looked| now > looked && now.saturating_sub(looked) < LOOK / 2;
        if self.looked.is_some_and(just) {
            return Ok(());
        }
        let store = &app.desk.store;
        if self.looked.is_none() {
            // What was sealed before the newest checkpoint is no news to anybody.
            self.position = store.last_checkpoint().await?.map_or(0, |checkpoint| checkpoint.size);
            self.known_from = self.position;
        }
        loop {
            let facts = store.feed(self.position, MAX_FACTS_PER_PAGE).await?;
            for entry in &facts {
                self.position = self.position.max(entry.position);
                self.recent.push_back((entry.position, entry.fact.account));
            }
            while self.recent.len() > MAX_RECENT {
                self.known_from = self.recent.pop_front().map_or(self.known_from, |(position, _)| position);
            }
            if facts.is_empty() {
                break;
            }
        }
        self.looked = Some(now);
        Ok(())
    }

    /// The accounts that changed after a position; nothing when that is too long ago to know.
    fn since(&self, position: u64) -> Option<BTreeSet<AccountId>> {
        if position < self.known_from {
            return None;
        }
        Some(self.recent.iter().rev().take_while(|(at, _)| *at > position).map(|(_, account)| *account).collect())
    }
}

/// The position that a page is made at. It is asked for before the rows are read, so that no change falls between.
pub(crate) async fn position(app: &App) -> Result<u64, Problem> {
    let mut pulse = app.pulse().lock().await;
    pulse.beat(app).await?;
    Ok(pulse.position)
}

/// The part of a page that is kept up to date: it is fetched again from `address` when something changed. A stream that
/// broke is opened again by the extension, one that never opened by the clock; meanwhile the reader is told.
pub(crate) fn part(page: &Page, id: &str, address: &str, position: u64, inner: &Markup) -> Markup {
    html! {
        div id={ (id) "-live" } hx-sse:connect={ "/live?since=" (position) } hx-trigger={ "load, every " (AGAIN_SECONDS) "s" } hx-swap="none" {
            p.lost role="status" data-lost=(page.t("live-lost")) data-out=(page.t("live-out")) {}
            section id=(id) hx-get=(address) hx-trigger={ "news from:#" (id) "-live" } hx-target="this" hx-swap="innerMorph" {
                (inner)
            }
        }
    }
}

/// From where a stream goes on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Since {
    #[serde(default)]
    since: Option<u64>,
}

struct Live {
    app: App,
    session: Session,
    position: u64,
    began: Duration,
    spoke: Duration,
    _place: OwnedSemaphorePermit,
}

/// The stream of one page.
pub(crate) async fn stream(
    State(app): State<App>,
    page: Page,
    Query(since): Query<Since>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let place = app.live_places().clone().try_acquire_owned().map_err(|_| come_back(Code::Busy))?;
    let last = text_of(&headers, &LAST_EVENT_ID).and_then(|id| id.parse().ok());
    let position = match last.or(since.since) {
        Some(position) => position,
        None => position(&app).await?,
    };
    let now = app.desk.clock.monotonic();
    let live = Live { app, session: page.session, position, began: now, spoke: now, _place: place };
    Ok(Sse::new(events(live)).into_response())
}

fn events(live: Live) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(live, |mut live| async move {
        loop {
            let now = live.app.desk.clock.monotonic();
            if now.saturating_sub(live.began) >= MAX_STREAM || live.app.closing.is_cancelled() {
                return None;
            }
            // When the store does not answer the page shows what it last had, and the browser comes again by itself.
            if live.changed().await.ok()? {
                live.spoke = now;
                let event = Event::default().id(live.position.to_string()).event("news").data("");
                return Some((Ok(event), live));
            }
            if now.saturating_sub(live.spoke) >= SILENCE {
                live.spoke = now;
                return Some((Ok(Event::default().comment("")), live));
            }
            // Real time, whatever the story's clock says; a stop ends the stream at once.
            let _ = tokio::time::timeout(LOOK, live.app.closing.cancelled()).await;
        }
    })
}

impl Live {
    /// Whether something that the reader sees has changed since the last word.
    async fn changed(&mut self) -> Result<bool, Problem> {
        let (accounts, position) = {
            let mut pulse = self.app.pulse().lock().await;
            pulse.beat(&self.app).await?;
            (pulse.since(self.position), pulse.position)
        };
        let before = std::mem::replace(&mut self.position, position);
        match accounts {
            None => Ok(true),
            Some(accounts) => Ok(before != position && self.sees_any(&accounts).await?),
        }
    }

    /// A reader with a part of the customers is not even told that something happened at another.
    async fn sees_any(&self, accounts: &BTreeSet<AccountId>) -> Result<bool, Problem> {
        let scope = &self.session.caller.scope;
        if *scope == Scope::All {
            return Ok(!accounts.is_empty());
        }
        for account in accounts.iter().take(MAX_CHECKED) {
            if rows::customers::known(&self.app.desk.store, scope, *account).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(accounts.len() > MAX_CHECKED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_away_too_long_is_told_to_look_at_everything() {
        let account = AccountId::of_partner();
        let pulse = Pulse { position: 20, known_from: 10, recent: VecDeque::from([(15, account)]), ..Pulse::default() };
        assert_eq!(pulse.since(9), None);
        assert_eq!(pulse.since(10), Some(BTreeSet::from([account])));
        assert_eq!(pulse.since(15), Some(BTreeSet::new()));
    }
}
