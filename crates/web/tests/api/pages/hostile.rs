//! Hostile texts in every field that a page shows: none of them comes out as anything but text.

use super::read;
use crate::world::{MINING_RULE, World, id};
use domain::body::Body;
use domain::cases::Severity;
use domain::customers::{Cloud, CustomerRegistered};
use domain::ids::{AccountId, AccountKind, AzureSubscriptionId, Hash, TenantId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus};
use domain::permission::Role;
use domain::sealed::Retention;
use domain::signals::{Evidence, FindingRecorded, Level, PriceRef, RuleRef};
use money::{Currency, Money};
use web::table;

/// Ways to break out of text, of an attribute, of a script, of a comment, of an address.
const CORPUS: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "</textarea><svg onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "<!--><iframe srcdoc=x>",
    "<hx-partial hx-target=body>x</hx-partial>",
    "<a href=javascript:alert(1)>x</a>",
    "{{constructor.constructor('alert(1)')()}}<b hx-get=/x hx-trigger=load>",
];

/// Records a customer, a case and an alert whose every text is one of the corpus.
async fn tell(world: &World, number: u128, text: &str) {
    let tenant = TenantId(id(number));
    let account = AccountId::of_customer(world.connection, tenant);
    let name = world.vault.seal(account, Retention::Contact, &text.to_owned()).await.unwrap();
    let registered = CustomerRegistered {
        connection: world.connection,
        tenant,
        cloud: Cloud::Public,
        name,
        domain: None,
        country: None,
        reseller: None,
        debtor: None,
    };
    world.tell(account, AccountKind::Customer, Body::CustomerRegistered(registered)).await;
    let evidence = Evidence {
        fields: vec![(text.to_owned(), text.to_owned())],
        matched: vec![text.to_owned()],
        event: text.to_owned(),
    };
    let azure = AzureSubscriptionId(id(number + 100));
    let found = FindingRecorded {
        rule: RuleRef {
            id: MINING_RULE.to_owned(),
            title: text.to_owned(),
            title_sv: Some(text.to_owned()),
            author: text.to_owned(),
            level: Level::High,
            tags: vec![text.to_owned()],
            rule_set: Hash::of(b"rules"),
        },
        log: text.to_owned(),
        received: world.now(),
        count: 1,
        azure_subscription: Some(azure),
        region: Some(text.to_owned()),
        size: Some(text.to_owned()),
        resources: Vec::new(),
        further_per_hour: Some(Money::new(100_000, Currency::SEK)),
        price: Some(PriceRef { list: text.to_owned(), date: text.to_owned(), hash: Hash::of(b"p"), estimated: true }),
        caller: None,
        evidence: world.vault.seal(account, Retention::Evidence, &evidence).await.unwrap(),
    };
    world.tell(account, AccountKind::Customer, Body::FindingRecorded(found)).await;
    let now = world.now();
    let seen = AlertSeen {
        alert: AlertId(format!("{number}{text}")),
        alert_type: "CryptoMining".to_owned() + text,
        status: AlertStatus::Active,
        severity: Severity::High,
        azure_subscription: Some(azure),
        subscription: None,
        detected: now,
        last_observed: now,
        received: now,
        test: false,
        source: AlertSource::Graph,
        resources: Vec::new(),
        evidence: world.vault.seal(account, Retention::Evidence, &evidence).await.unwrap(),
    };
    world.tell(account, AccountKind::Customer, Body::AlertSeen(seen)).await;
}

fn check(path: &str, page: &str) {
    for text in CORPUS.into_iter().filter(|text| text.contains(['<', '"'])) {
        assert!(!page.contains(text), "{path} has {text}");
    }
    for tag in tags(page) {
        let name = tag.split(' ').next().unwrap();
        assert!(!["iframe", "svg", "img", "b", "!--"].contains(&name), "{path} has <{tag}>");
        // Only what stands between the quotation marks of our own attributes may come from elsewhere.
        let ours: String = tag.split('"').step_by(2).collect();
        assert!(!ours.contains(['\'', '<', '&']) && !ours.contains(" on"), "{path} has <{tag}>");
        assert!(name != "script" || tag.contains("src=\"/assets/"), "{path} has <{tag}>");
        assert!(!tag.contains("href=\"javascript"), "{path} has <{tag}>");
    }
}

/// What stands between the brackets of every tag, as a browser finds it.
fn tags(page: &str) -> Vec<String> {
    let (mut tags, mut tag, mut quoted) = (Vec::new(), None::<String>, false);
    for letter in page.chars() {
        match (&mut tag, letter) {
            (None, '<') => tag = Some(String::new()),
            (None, _) => {}
            (Some(_), '>') if !quoted => tags.extend(tag.take()),
            (Some(inner), _) => {
                quoted ^= letter == '"';
                inner.push(letter);
            }
        }
    }
    tags
}

#[tokio::test]
async fn hostile_texts_are_only_texts_on_every_page() {
    let world = World::quiet().await;
    for (number, text) in CORPUS.iter().enumerate() {
        tell(&world, 10_000 + u128::try_from(number).unwrap() * 1_000, text).await;
    }
    let agent = world.person(&[Role::AdminAgent, Role::GlobalAdministrator]).await;
    let mut escaped = 0;
    let list = world.get("/api/v1/cases?filter=status:open").by(&agent).send().await.is(200).json();
    let mut paths: Vec<String> = table()
        .into_iter()
        .filter(|route| {
            route.page && route.method == http::Method::GET && !route.path.contains('{') && route.path != "/live"
        })
        .map(|route| route.path)
        .collect();
    let cases = list["value"].as_array().unwrap();
    assert!(cases.len() >= CORPUS.len());
    paths.extend(cases.iter().map(|case| format!("/cases/{}", case["id"].as_str().unwrap())));
    for path in &paths {
        for language in ["en", "sv"] {
            let page = read(&world, path, &agent, language).await;
            check(path, &page.text);
            escaped += page.text.matches("&lt;").count();
        }
    }
    assert!(escaped > 500, "only {escaped} hostile signs were shown, so that the pages were not really tried");
}

#[tokio::test]
async fn what_stands_in_an_address_or_a_form_is_only_text() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for text in CORPUS {
        let encoded: String = super::percent(text);
        for path in [
            format!("/cases?filter={encoded}"),
            format!("/search?q={encoded}"),
            format!("/?view={encoded}"),
            format!("/?{encoded}=1"),
            format!("/{encoded}"),
        ] {
            let page = read(&world, &path, &agent, "en").await;
            check(&path, &page.text);
        }
        let flash =
            super::page(&world, "/", &agent).header("cookie", &format!("flash={encoded}+1")).send().await.is(200);
        check("flash", &flash.text);
    }
}
