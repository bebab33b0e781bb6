//! What the one write carries for a step: facts chained, rows, effects, closed effects, due and permits. Pure.

use crate::desk::{DeskError, Ground};
use domain::body::Body;
use domain::effects::{PermitWanted, effects_of, permits_of};
use domain::fact::{EncodeError, Fact, StoredFact};
use domain::file::{AccountFile, FOLD_VERSION, Part};
use domain::ids::{AccountId, Hash};
use domain::step::next_due;
use jiff::{SignedDuration, Timestamp};
use store::{Append, EffectKey, NextEpoch, OutboxRow, PermitTake};

/// The window of caps per hour.
const HOUR_SECONDS: i64 = 3_600;

fn stored(facts: &[Fact], before: Hash) -> Result<Vec<StoredFact>, EncodeError> {
    let mut hash = before;
    let mut stored = Vec::with_capacity(facts.len());
    for fact in facts {
        let fact = fact.store(hash)?;
        hash = fact.hash;
        stored.push(fact);
    }
    Ok(stored)
}

/// The folded file as it is kept.
pub(crate) fn written(account: AccountId, file: &AccountFile) -> Result<Vec<u8>, DeskError> {
    file.to_bytes().map_err(|source| DeskError::File { account, source })
}

/// Puts a step into the form of the one write.
pub(crate) fn assemble(
    ground: &Ground<'_>,
    before: &AccountFile,
    hash: Hash,
    after: &AccountFile,
    facts: &[Fact],
) -> Result<Append, DeskError> {
    let account = ground.account;
    let published = facts.iter().find_map(|fact| match &fact.body {
        Body::PolicyPublished(published) => Some(NextEpoch { hash: published.hash, from: published.from }),
        _ => None,
    });
    Ok(Append {
        account,
        kind: ground.kind,
        expected_version: before.version,
        before: hash,
        policy_epoch: i64::try_from(ground.timeline.newest()).unwrap_or(i64::MAX),
        rows: store::rows::project(account, before, after, facts),
        effects: outbox_rows(account, facts)?,
        closed: closed_effects(account, facts),
        due: ground.policy.and_then(|policy| next_due(after, policy)),
        permits: permits(facts, after, ground),
        file: written(account, after)?,
        fold_version: FOLD_VERSION,
        policy: after.policy.map(|adopted| adopted.hash),
        adopted_epoch: after.policy.filter(|_| after.policy != before.policy).map(|adopted| adopted.epoch),
        next_epoch: published,
        facts: stored(facts, hash)?,
    })
}

fn outbox_rows(account: AccountId, facts: &[Fact]) -> Result<Vec<OutboxRow>, DeskError> {
    let mut rows = Vec::new();
    for fact in facts {
        for effect in effects_of(fact) {
            rows.push(OutboxRow {
                key: EffectKey { account, version: effect.key.version, ordinal: effect.key.ordinal },
                kind: effect.kind.word().to_owned(),
                object: effect.object,
                payload: serde_json::to_vec(&effect.kind).map_err(|source| DeskError::File { account, source })?,
                ready_at: fact.at,
                good_until: Some(effect.good_until),
            });
        }
    }
    Ok(rows)
}

fn closed_effects(account: AccountId, facts: &[Fact]) -> Vec<EffectKey> {
    let closed = facts.iter().filter_map(|fact| match &fact.body {
        Body::EffectFinished(finished) => Some(finished.effect),
        _ => None,
    });
    closed.map(|effect| EffectKey { account, version: effect.version, ordinal: effect.ordinal }).collect()
}

/// A step that is worked off late takes its permits in the hour in which it really happens: a cap is of the hours in
/// which the world sees the changes.
fn permits(facts: &[Fact], file: &AccountFile, ground: &Ground<'_>) -> Vec<PermitTake> {
    let (Part::Customer(customer), Some(policy)) = (&file.part, ground.policy) else { return Vec::new() };
    let at = ground.at.max(ground.now);
    let (window_start, window_end) = hour_of(at);
    let wanted = facts.iter().flat_map(|fact| permits_of(fact, customer, policy));
    let take = |permit: PermitWanted| PermitTake {
        name: permit.name,
        window_start,
        window_end,
        take: 1,
        limit: i64::from(permit.limit),
        at,
    };
    wanted.map(take).collect()
}

/// The whole hour that an instant is in.
fn hour_of(at: Timestamp) -> (Timestamp, Timestamp) {
    let second = at.as_second();
    let start = Timestamp::from_second(second - second.rem_euclid(HOUR_SECONDS)).unwrap_or(at);
    let end = start.saturating_add(SignedDuration::from_secs(HOUR_SECONDS)).unwrap_or(Timestamp::MAX);
    (start, end)
}
