//! An attack as Borgen's rules see it: findings of machines that mine, each told in a round of its own. Who is attacked
//! and when Microsoft tells of it is the world's.

use crate::scheduler::Chance;
use domain::body::Body;
use domain::fact::NewFact;
use domain::ids::{Actor, AzureSubscriptionId, Hash};
use domain::sealed::{Retention, Sealed};
use domain::signals::{FindingRecorded, Level, PriceRef, RuleRef, RunningResource, Token};
use jiff::Timestamp;
use money::{Currency, Money};

/// The findings of one attack, with the round in which each is told.
///
/// # Panics
/// When the shipped policy is no good.
pub(crate) fn findings(azure: AzureSubscriptionId, at: Timestamp, chance: &Chance) -> Vec<(u32, NewFact)> {
    let policy = policy::Bundle::embedded().check().expect("the shipped policy").policy;
    let mining = policy.cases.stories.iter().find(|story| story.playbook.is_some()).expect("a story with a playbook");
    let rules: Vec<&String> = mining.rules.iter().take(3).collect();
    let finding = |(number, rule): (usize, &&String)| {
        let round = u32::try_from(2 + number * 4 + chance.below(20)).unwrap_or(2);
        let mut resource = [0; 16];
        chance.fill(&mut resource);
        let body = Body::FindingRecorded(FindingRecorded {
            rule: RuleRef {
                id: (*rule).clone(),
                title: "A simulated rule".to_owned(),
                title_sv: None,
                author: "Borgen".to_owned(),
                level: Level::High,
                tags: Vec::new(),
                rule_set: Hash::of(b"simulated"),
            },
            log: "azure.activitylogs".to_owned(),
            received: at,
            count: 1,
            azure_subscription: Some(azure),
            region: Some("brazilsouth".to_owned()),
            size: Some("Standard_NC24ads_A100_v4".to_owned()),
            resources: vec![RunningResource {
                resource: Token(uuid::Builder::from_random_bytes(resource).into_uuid()),
                per_hour: Money::new(41_000, Currency::SEK),
            }],
            further_per_hour: None,
            price: Some(PriceRef {
                list: "simulated".to_owned(),
                date: "2026-11-01".to_owned(),
                hash: Hash::of(b"prices"),
                estimated: false,
            }),
            caller: None,
            evidence: Sealed::from_ciphertext(Retention::Evidence, "sealed".to_owned()),
        });
        let source_key = Some(format!("finding:{number}"));
        (round, NewFact { happened: at, actor: Actor::Program, source_key, body })
    };
    rules.iter().enumerate().map(finding).collect()
}
