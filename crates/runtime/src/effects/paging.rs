//! Messages to whoever is on call: fenced like every effect, sent with a time limit, tried a few times under the same
//! id, and told how they ended. They need no connection to Microsoft and are sent also while actions are switched off.

use super::EffectWorker;
use super::fence::{Fenced, TOO_LATE, Try};
use super::job::{EffectError, finished_key};
use super::past::{Past, not_done_note};
use super::waiting::doubled;
use super::word_of;
use crate::channels::SEND_LIMIT;
use crate::measures;
use domain::body::Body;
use domain::effects::{EffectFinished, EffectKind, EffectRef, EffectResult};
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor, derived_id};
use jiff::{SignedDuration, Timestamp};
use outside::{Message, Subject};
use store::{ClaimedEffect, StoreError};

/// The word under which messages lie in the outbox.
pub(super) const PAGE: &str = "page";
/// How often a message is tried.
pub const MAX_PAGE_TRIES: u32 = 5;
/// How many messages one pass has in hand at once.
const MAX_PAGES_IN_HAND: u32 = 16;
/// How long a claim holds: longer than a send and what is written around it.
const PAGE_LEASE: SignedDuration = SignedDuration::from_mins(1);
/// The longest wait between two tries that the channel did not ask for.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(30);

impl EffectWorker {
    /// Claims messages that are ready and sends them. Returns how many were in hand. Slow calls to Microsoft keep no
    /// message waiting: this claims nothing else.
    pub async fn run_pages_once(&self) -> Result<usize, StoreError> {
        let now = self.tools.now();
        let lease_until = crate::tools::later(now, PAGE_LEASE);
        let claimed =
            self.tools.store().claim_effects_of(PAGE, &self.name, lease_until, now, MAX_PAGES_IN_HAND).await?;
        self.carry_all(claimed).await
    }

    /// Brings a message as far as it goes now.
    pub(super) async fn page(&self, claimed: ClaimedEffect) -> Result<(), EffectError> {
        let key = claimed.row.key;
        let (account, version) = (key.account, key.version);
        let effect = EffectRef { version, ordinal: key.ordinal };
        let kind: EffectKind = serde_json::from_slice(&claimed.row.payload)
            .map_err(|source| EffectError::Unreadable { account, version, source })?;
        let EffectKind::Page { about, channel, language } = &kind else { return Ok(()) };
        let past = Past::read(self.tools.store(), account, effect).await?;
        if past.ended {
            return Ok(());
        }
        let send_limit = SignedDuration::try_from(SEND_LIMIT).unwrap_or(PAGE_LEASE);
        if self.tools.after(send_limit) >= claimed.lease_until {
            let note = claimed.note.unwrap_or_default();
            return Ok(self.tools.store().release_effect(key, self.tools.now(), &note).await?);
        }
        let attempt = past.tries.saturating_add(1);
        let good_until = claimed.row.good_until.unwrap_or(Timestamp::MAX);
        let request = derived_id(account, "page", version, key.ordinal);
        let against = |file: &domain::file::AccountFile, at: Timestamp| {
            let code = super::past::code_of_note(claimed.note.as_deref()).filter(|code| !code.is_empty());
            let gave_up = |word: &str| EffectResult::GaveUp { code: code.unwrap_or(word).to_owned() };
            if !file.customer().is_some_and(|customer| customer.wants(effect, &kind)) {
                Some(EffectResult::NotWanted)
            } else if at > good_until {
                Some(gave_up(TOO_LATE))
            } else if attempt > MAX_PAGE_TRIES {
                Some(gave_up("too_many_tries"))
            } else {
                (!self.channels.has(channel)).then(|| EffectResult::Refused { code: "no_channel".to_owned() })
            }
        };
        let fenced = self.begin(account, effect, attempt, Try { request, snapshot: None }, against).await?;
        if fenced != Fenced::Begun {
            return Ok(());
        }
        let message = Message {
            id: format!("msg_{request}"),
            subject: Subject::Page(*about),
            language: *language,
            at: self.tools.now(),
            base: self.channels.base().map(str::to_owned),
        };
        match self.channels.send(channel, &message).await {
            Ok(()) => self.page_ended(account, effect, EffectResult::Done { already: false }).await,
            Err(unsent) if !unsent.again => {
                self.page_ended(account, effect, EffectResult::Refused { code: unsent.code }).await
            }
            Err(unsent) if attempt >= MAX_PAGE_TRIES => {
                self.page_ended(account, effect, EffectResult::GaveUp { code: unsent.code }).await
            }
            Err(unsent) => {
                let wait = unsent.wait.unwrap_or_else(|| doubled(attempt).min(LONGEST_WAIT));
                tracing::warn!(
                    account.id = %account, effect.version = version, channel.name = %channel, page.code = %unsent.code,
                    wait_seconds = wait.as_secs(), "a message to whoever is on call did not come through yet"
                );
                let note = not_done_note(attempt, false, &unsent.code);
                Ok(self.tools.store().release_effect(key, self.tools.after(wait), &note).await?)
            }
        }
    }

    /// Tells how a message ended; that closes it in the outbox.
    async fn page_ended(&self, account: AccountId, effect: EffectRef, result: EffectResult) -> Result<(), EffectError> {
        let word = word_of(&result);
        let fact = NewFact {
            happened: self.tools.now(),
            actor: Actor::Program,
            source_key: Some(finished_key(effect)),
            body: Body::EffectFinished(EffectFinished { effect, result }),
        };
        self.tools.desk.record(account, AccountKind::Customer, vec![fact]).await?;
        measures::action(PAGE, word);
        tracing::info!(account.id = %account, effect.version = effect.version, effect.result = word, "a message ended");
        Ok(())
    }
}
