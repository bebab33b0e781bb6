//! A customer's life as facts: registered, with subscriptions, then findings, cases that are taken, noted and closed.
//! Every decided fact is made by the very step that the desk takes. How lives are stored is in `accounts.rs`.

use anyhow::Result;
use domain::body::Body;
use domain::cases::{Claimed, Closed, Noted, Outcome};
use domain::customers::{
    AzureStatus, AzureSubscriptionSeen, Cloud, CustomerRegistered, SubscriptionKind, SubscriptionSeen, SubscriptionStatus,
};
use domain::fact::{Fact, NewFact};
use domain::file::AccountFile;
use domain::ids::{AccountId, Actor, AzureSubscriptionId, CaseId, Hash, SubscriptionId, TenantId};
use domain::people::PolicyAdopted;
use domain::policy::Policy;
use domain::sealed::{Retention, Sealed};
use domain::signals::{FindingRecorded, Level, PriceRef, RuleRef, RunningResource, Token};
use domain::step::{Step, next_due, step};
use jiff::{SignedDuration, Timestamp};
use money::Money;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

/// Azure subscriptions of a customer.
pub const AZURE: u32 = 3;
/// Rules of the story of mining, as they ship.
pub const RULES: [&str; 6] = [
    "570f07c9-abc4-55ad-b0db-9415e53a1058",
    "f4f787ea-e625-5507-934a-f302f2c1a7e6",
    "c06790c6-726c-5c4b-9ae2-f4b8515ee54e",
    "23fcb6f9-41db-51e1-a613-1ebc6732381c",
    "7c4198bf-eef4-59bf-90dc-81038ee82b32",
    "e45aba88-45cc-5821-be43-24cf5d7d912a",
];
/// The characters of a finding's sealed evidence: an event of a good kilobyte with the fields of its rule.
const EVIDENCE_CHARS: usize = 2_400;
/// The most dues that are worked off between two happenings of a life.
const MAX_DUES: u32 = 1_000;

/// The connection that all customers are seen through.
#[must_use]
pub fn partner_tenant() -> TenantId {
    TenantId(Uuid::from_u64_pair(0xb0b0, 1))
}

/// The account of that connection.
#[must_use]
pub fn connection() -> AccountId {
    AccountId::of_connection(partner_tenant(), Cloud::Public.word())
}

/// The tenant with a number.
#[must_use]
pub fn tenant(number: u32) -> TenantId {
    TenantId(Uuid::from_u64_pair(u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15), u64::from(number)))
}

/// The account of the customer with a number.
#[must_use]
pub fn account(number: u32) -> AccountId {
    AccountId::of_customer(connection(), tenant(number))
}

/// One of a customer's Azure subscriptions.
#[must_use]
pub fn azure(number: u32, which: u32) -> AzureSubscriptionId {
    AzureSubscriptionId(Uuid::from_u64_pair(u64::from(number) << 8 | u64::from(which % AZURE), 0xa2))
}

/// Sealed evidence as it looks: letters without a pattern, another piece of them for each finding. Sealing is not part of
/// the measure, so nor is making them up.
fn evidence(serial: u64) -> String {
    static LETTERS: LazyLock<String> = LazyLock::new(|| {
        let pieces = (0..EVIDENCE_CHARS as u64).map(|part| Hash::of(&part.to_be_bytes()).to_string());
        pieces.collect()
    });
    let from = (serial as usize * 16) % (LETTERS.len() - EVIDENCE_CHARS);
    LETTERS[from..from + EVIDENCE_CHARS].to_owned()
}

/// A finding as the intake hands it to the desk, its evidence sealed.
#[must_use]
pub fn finding(number: u32, serial: u64, at: Timestamp) -> NewFact {
    let pick = (serial ^ serial >> 7) as usize;
    let rule = RULES[pick % RULES.len()];
    let machine = RunningResource {
        resource: Token(Uuid::from_u64_pair(u64::from(number), serial % 40)),
        per_hour: Money { minor: 31_250, currency: money::Currency::SEK },
    };
    let recorded = FindingRecorded {
        rule: RuleRef {
            id: rule.to_owned(),
            title: "GPU or high-performance machine written".to_owned(),
            title_sv: Some("GPU-maskin eller beräkningsmaskin skapad".to_owned()),
            author: "Borgen".to_owned(),
            level: Level::High,
            tags: vec!["attack.t1496".to_owned()],
            rule_set: Hash::of(b"rules"),
        },
        log: "azure_activity".to_owned(),
        received: at,
        count: 1,
        azure_subscription: Some(azure(number, serial as u32)),
        region: Some("westeurope".to_owned()),
        size: Some("Standard_NC24ads_A100_v4".to_owned()),
        resources: vec![machine],
        further_per_hour: None,
        price: Some(PriceRef { list: "azure-vm".to_owned(), date: "2026-11-01".to_owned(), hash: Hash::of(b"list"), estimated: false }),
        caller: Some(Token(Uuid::from_u64_pair(u64::from(number), 0xca))),
        evidence: Sealed::from_ciphertext(Retention::Evidence, evidence(serial)),
    };
    NewFact {
        happened: at,
        actor: Actor::Connection(connection()),
        source_key: Some(format!("finding:{rule}:{number:08x}-{serial:016x}")),
        body: Body::FindingRecorded(recorded),
    }
}


/// A life on its way: the file, and the facts that are not stored yet.
pub struct Life {
    /// Whose.
    pub account: AccountId,
    /// The file as it was when facts were last taken out.
    pub stored: AccountFile,
    /// The file now.
    pub file: AccountFile,
    /// The facts since.
    pub facts: Vec<Fact>,
    number: u32,
    policy: Arc<Policy>,
    at: Timestamp,
    serial: u64,
}

impl Life {
    /// A customer that was registered at an instant, under the first epoch of the policy.
    pub fn begin(number: u32, policy: &Arc<Policy>, epoch: PolicyAdopted, at: Timestamp) -> Result<Self> {
        let mut life = Self {
            account: account(number),
            stored: AccountFile::default(),
            file: AccountFile::default(),
            facts: Vec::new(),
            number,
            policy: Arc::clone(policy),
            at,
            serial: 0,
        };
        let name = |text: &str| Sealed::from_ciphertext(Retention::Contact, format!("{text}-{number:064x}"));
        let registered = CustomerRegistered {
            connection: connection(),
            tenant: tenant(number),
            cloud: Cloud::Public,
            name: name("name"),
            domain: Some(name("domain")),
            country: Some("SE".to_owned()),
            reseller: None,
            debtor: None,
        };
        let plan = SubscriptionId(Uuid::from_u64_pair(u64::from(number), 0x91));
        let seen = |subscription, kind, offer: &str| {
            Body::SubscriptionSeen(SubscriptionSeen {
                subscription,
                kind,
                offer: offer.to_owned(),
                status: SubscriptionStatus::Active,
                quantity: 25,
                auto_renew: true,
                consumer: life.account,
                debtor: life.account,
                reseller: None,
                connection: connection(),
            })
        };
        let seats = SubscriptionId(Uuid::from_u64_pair(u64::from(number), 0x5e));
        let mut bodies = vec![
            Body::PolicyAdopted(epoch),
            Body::CustomerRegistered(registered),
            seen(plan, SubscriptionKind::AzurePlan, "Azure plan"),
            seen(seats, SubscriptionKind::Seats, "Microsoft 365 Business Premium"),
        ];
        bodies.extend((0..AZURE).map(|which| {
            let status = AzureStatus::Active;
            Body::AzureSubscriptionSeen(AzureSubscriptionSeen { azure_subscription: azure(number, which), plan, status })
        }));
        let actor = Actor::Connection(connection());
        life.takes(bodies.into_iter().map(|body| NewFact { happened: at, actor, source_key: None, body }).collect())?;
        Ok(life)
    }

    /// How many facts there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.file.version
    }

    /// Goes on for some hours, with one happening: mostly a finding, sometimes a person with a case.
    pub fn goes_on(&mut self, hours: i64) -> Result<()> {
        self.at = self.at.saturating_add(SignedDuration::from_hours(hours))?;
        self.works_off()?;
        self.serial += 1;
        let case = self.file.customer().and_then(|file| file.cases.keys().next().copied());
        let new = match (case, self.serial % 8) {
            (Some(case), 3) => vec![self.says(Body::CaseClaimed(Claimed { case, owner: person() }))],
            (Some(case), 5) => vec![self.says(Body::CaseNoted(Noted { case, note: note(self.serial) }))],
            (Some(case), 7) => vec![self.says(closed(case, self.serial))],
            _ => vec![finding(self.number, self.serial, self.at)],
        };
        self.takes(new)
    }

    /// Takes out the facts that are not stored yet.
    pub fn take(&mut self) -> (AccountFile, Vec<Fact>) {
        (std::mem::replace(&mut self.stored, self.file.clone()), std::mem::take(&mut self.facts))
    }

    fn says(&self, body: Body) -> NewFact {
        NewFact { happened: self.at, actor: Actor::User(person()), source_key: None, body }
    }

    fn works_off(&mut self) -> Result<()> {
        for _ in 0..MAX_DUES {
            let Some(due) = next_due(&self.file, &self.policy).filter(|due| *due <= self.at) else { return Ok(()) };
            let at = self.file.last_at.map_or(due, |last| last.max(due));
            let before = self.file.version;
            self.step(Vec::new(), at)?;
            if self.file.version == before {
                return Ok(());
            }
        }
        Ok(())
    }

    fn takes(&mut self, new: Vec<NewFact>) -> Result<()> {
        self.step(new, self.at)
    }

    fn step(&mut self, new: Vec<NewFact>, at: Timestamp) -> Result<()> {
        let Step { facts, file } = step(self.account, std::mem::take(&mut self.file), new, Some(&self.policy), at)?;
        self.file = file;
        self.facts.extend(facts);
        Ok(())
    }
}

fn person() -> AccountId {
    AccountId(Uuid::from_u64_pair(0x9e50, 1))
}

fn note(serial: u64) -> Sealed<String> {
    Sealed::from_ciphertext(Retention::Evidence, format!("{serial:0200x}"))
}

fn closed(case: CaseId, serial: u64) -> Body {
    Body::CaseClosed(Closed { case, outcome: Outcome::Legitimate, alerts: Vec::new(), note: Some(note(serial)) })
}
