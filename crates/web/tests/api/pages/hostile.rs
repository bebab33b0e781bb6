//! Hostile texts in every field that a page shows: none of them comes out as anything but text.

use super::read;
use crate::world::{MINING_RULE, Person, World, id};
use domain::body::Body;
use domain::cases::Severity;
use domain::customers::{Cloud, CustomerRegistered};
use domain::ids::{AccountId, AccountKind, AzureSubscriptionId, Hash, TenantId};
use domain::notices::{AlertId, AlertSeen, AlertSource, AlertStatus};
use domain::permission::Role;
use domain::sealed::Retention;
use domain::signals::{Evidence, FindingRecorded, Level, PriceRef, RuleRef};
use money::{Currency, Money};
use serde_json::json;
use web::table;

/// Ways to break out of text, of an attribute, of a script, of a comment, of an address.
pub(super) const CORPUS: [&str; 10] = [
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

pub(super) fn check(path: &str, page: &str) {
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

/// Lets people write a text wherever people write: notes, proposals, reasons, names, labels, titles, views.
async fn write(world: &World, agent: &Person, admin: &Person, text: &str) {
    let list = world.get("/api/v1/cases?filter=status:open").by(agent).send().await.is(200).json();
    let of_rules = list["value"].as_array().unwrap().iter().find(|one| one["signals"] != 0);
    let case = of_rules.unwrap()["id"].as_str().unwrap().to_owned();
    let post = async |path: String, body: serde_json::Value| {
        let answer = world.post(&path).by(agent).based_on("*").json(&body).send().await;
        assert!(answer.status.is_success() || answer.status == 422, "{path}: {}", answer.text);
    };
    post(format!("/api/v1/cases/{case}:note"), json!({"text": text})).await;
    post(format!("/api/v1/cases/{case}:snooze"), json!({"days": 7, "reason": text})).await;
    post(
        format!("/api/v1/cases/{case}:propose"),
        json!({"playbook": "stop-attacked", "class": "normal", "note": text}),
    )
    .await;
    post(format!("/api/v1/cases/{case}:propose"), json!({"playbook": text, "class": "normal"})).await;
    let view = json!({"list": "cases", "name": text, "filter": format!("story:\"{}\"", text.replace('"', "")), "shared": true});
    post("/api/v1/views".to_owned(), view).await;
    let incident = json!({"title": text, "cases": [case]});
    let _ = world.post("/api/v1/incidents").by(agent).json(&incident).send().await;
    let user = json!({"name": text, "roles": ["auditor"], "scope": {"all": true}});
    let added = world.post("/api/v1/users").by(admin).json(&user).send().await.is(201);
    let token = json!({"label": text, "expires": "2026-12-24T00:00:00Z"});
    let proof = world.proof(admin).await;
    let tokens = format!("{}/tokens", added.header("location"));
    world.post(&tokens).by(admin).proved(&proof).json(&token).send().await.is(201);
    let own = world.proof(agent).await;
    world.post("/api/v1/me/tokens").by(agent).proved(&own).json(&token).send().await.is(201);
}

fn ids(list: &serde_json::Value) -> Vec<String> {
    list["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// The addresses of every page of the table, those with an id filled in with everything that there is of it.
async fn addresses(world: &World, agent: &Person) -> Vec<String> {
    let mut addresses = Vec::new();
    for route in table().into_iter().filter(|route| route.page && route.method == http::Method::GET) {
        let Some((before, after)) = route.path.split_once("{id}") else {
            // What is no page of the reader's: streams, files, doors with a secret.
            if !route.path.contains('{') && route.path != "/live" {
                addresses.push(route.path);
            }
            continue;
        };
        let resource = before.trim_matches('/');
        let listed = match resource {
            "notices" => "alerts",
            other => other,
        };
        let of = world.get(&format!("/api/v1/{listed}")).by(agent).send().await.is(200).json();
        for id in ids(&of) {
            let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
            addresses.push(format!("{before}{}{after}", id.replace('+', "%20")));
        }
    }
    addresses
}

#[tokio::test]
async fn hostile_texts_are_only_texts_on_every_page() {
    let world = World::quiet().await;
    for (number, text) in CORPUS.iter().enumerate() {
        tell(&world, 10_000 + u128::try_from(number).unwrap() * 1_000, text).await;
    }
    let roles = [Role::AdminAgent, Role::GlobalAdministrator, Role::UserAdministrator];
    let agent = world.person(&roles).await;
    let admin = world.person(&[Role::UserAdministrator]).await;
    let proposal = json!({"playbook": "mining-takeover", "class": "normal", "note": CORPUS[0]});
    world.find(world.customer, MINING_RULE, 41_200).await;
    let of_customer = format!("/api/v1/cases?filter=customer:{}", world.customer);
    let case = ids(&world.get(&of_customer).by(&agent).send().await.is(200).json()).remove(0);
    world.post(&format!("/api/v1/cases/{case}:propose")).by(&agent).json(&proposal).send().await.is(201);
    for text in CORPUS {
        write(&world, &agent, &admin, text).await;
        world.seal().await;
    }
    let mut escaped = 0;
    let paths = addresses(&world, &agent).await;
    for (begins, least) in [("/cases/", 10), ("/customers/", 10), ("/actions/", 1), ("/notices/", 10), ("/views/", 10)]
    {
        let some = paths.iter().filter(|path| path.starts_with(begins)).count();
        assert!(some >= least, "only {some} pages below {begins} were looked at");
    }
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
