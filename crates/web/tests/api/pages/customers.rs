//! Customers: the list, one customer, its timeline and what it has.

use super::read;
use crate::world::{CANARY, World};
use domain::permission::Role;

/// What stands in the place of a name.
fn short(account: domain::ids::AccountId) -> String {
    account.to_string().chars().take(8).collect()
}

fn versions(page: &str) -> Vec<u64> {
    let ids = page.split("id=\"fact-").skip(1).map(|rest| rest.split('"').next().unwrap());
    ids.map(|id| id.rsplit('-').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn the_gravest_customer_comes_first_in_both_languages() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let english = read(&world, "/customers", &agent, "en").await.is(200).text;
    let place = |text: &str, account: domain::ids::AccountId| text.find(&format!("/customers/{account}")).unwrap();
    assert!(place(&english, world.customer) < place(&english, world.other_customer));
    assert!(
        english.contains(CANARY)
            && english.contains("SEK\u{a0}412")
            && english.contains(&format!(">reseller {}", short(world.reseller)))
    );
    let swedish = read(&world, "/customers?filter=severity%3Acritical", &agent, "sv").await.is(200).text;
    assert!(swedish.contains("Bränner i timmen") && !swedish.contains(&world.other_customer.to_string()), "{swedish}");
    let none = read(&world, "/customers?filter=customer%3A00000000-0000-4000-8000-000000000000", &agent, "sv").await;
    assert!(none.is(200).text.contains("Ingen kund passar"));
}

#[tokio::test]
async fn a_timeline_is_read_back_to_its_beginning_and_nothing_is_skipped() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for number in 0..50 {
        world.alert(&format!("more-{number}")).await;
    }
    let mut link = format!("/customers/{}", world.customer);
    let mut seen = Vec::new();
    loop {
        let page = read(&world, &link, &agent, "en").await.is(200).text;
        seen.extend(versions(&page));
        let mut links = page.split("hx-get=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        match links.find(|link| link.contains("before=")) {
            Some(next) => link = next.replace("&amp;", "&"),
            None => break,
        }
    }
    let newest = seen[0];
    assert!(newest > 80, "{newest}");
    assert_eq!(seen, (1..=newest).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_part_of_the_timeline_is_an_address_and_tells_reasons_and_notes() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (case, _) = world.case().await;
    let note = serde_json::json!({"text": "Talade med kunden"});
    world.post(&format!("{case}:note")).by(&agent).json(&note).send().await.is(200);
    let here = format!("/customers/{}", world.customer);
    let cases = read(&world, &format!("{here}?part=cases"), &agent, "en").await.is(200).text;
    assert!(cases.contains("A case was opened") && cases.contains("Microsoft raised an alert of the type"));
    assert!(!cases.contains("Partner Center shows it"), "only what was asked for");
    let notes = read(&world, &format!("{here}?part=notes"), &agent, "sv").await.is(200).text;
    assert!(notes.contains("”Talade med kunden”"), "{notes}");
    assert_eq!(versions(&notes).len(), 1);
    let signals = read(&world, &format!("{here}?part=actions"), &agent, "sv").await.is(200).text;
    assert!(signals.contains("Inget sådant har hänt"));
    read(&world, &format!("{here}?part=colours"), &agent, "en").await.is(400);
    read(&world, &format!("{here}?before=x"), &agent, "en").await.is(400);
}

#[tokio::test]
async fn a_customer_of_others_is_unknown_and_names_are_for_those_who_may_read_them() {
    let world = World::mined().await;
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let own = world.of_reseller(Role::AdminAgent, world.reseller).await;
    let auditor = world.person(&[Role::Auditor]).await;
    let here = format!("/customers/{}", world.customer);
    for path in [here.clone(), format!("{here}/subscriptions")] {
        read(&world, &path, &foreign, "en").await.is(404);
        let page = read(&world, &path, &auditor, "en").await.is(200).text;
        assert!(!page.contains(CANARY), "{path}");
    }
    let list = read(&world, "/customers", &foreign, "en").await.is(200).text;
    assert!(!list.contains(&world.customer.to_string()) && list.contains(&world.other_customer.to_string()));
    let page = read(&world, &here, &own, "en").await.is(200).text;
    assert!(page.contains(CANARY) && page.contains("the reseller"));
    assert!(!page.contains("MFA of our administrators"), "the connection is the whole partner's");
}

#[tokio::test]
async fn subscriptions_of_both_sorts_are_shown_by_state() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let here = format!("/customers/{}/subscriptions", world.customer);
    let page = read(&world, &here, &agent, "en").await.is(200).text;
    assert!(page.contains(&world.plan.to_string()) && page.contains(&world.azure.to_string()), "{page}");
    assert!(page.contains("Azure plan") && page.contains("renews by itself"));
    let none = read(&world, &format!("{here}?filter=status%3Ainactive"), &agent, "sv").await.is(200).text;
    assert!(none.contains("Ingen prenumeration passar"));
}

#[tokio::test]
async fn a_reseller_is_told_by_name_where_it_is_known_and_seen() {
    const NAME: &str = "Återförsäljare Väst AB";
    let world = World::quiet().await;
    world.name_reseller(NAME).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let english = read(&world, "/customers", &agent, "en").await.is(200).text;
    assert!(english.contains(&format!("by {NAME}")), "{english}");
    assert!(english.contains(&format!(
        "by <span title=\"{0}\">reseller {1}",
        world.other_reseller,
        short(world.other_reseller)
    )));
    let customer = read(&world, &format!("/customers/{}", world.customer), &agent, "sv").await.is(200).text;
    assert!(
        customer.contains(&format!("<dd>{NAME}</dd>")) && customer.contains(&world.reseller.to_string()),
        "{customer}"
    );
    let own = world.of_reseller(Role::AdminAgent, world.reseller).await;
    assert!(read(&world, "/customers", &own, "sv").await.is(200).text.contains(&format!("via {NAME}")));
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let auditor = world.person(&[Role::Auditor]).await;
    for reader in [&foreign, &auditor] {
        let page = read(&world, "/customers", reader, "en").await.is(200).text;
        assert!(!page.contains(NAME) && page.contains("by "), "{page}");
    }
    // Who gives out portfolios reads whose they are, and no name of a customer.
    let manager = world.person(&[Role::UserAdministrator]).await;
    let users = read(&world, "/users", &manager, "sv").await.is(200).text;
    assert!(users.contains(&format!("<li>{NAME}</li>")) && !users.contains(CANARY), "{users}");
    assert!(users.contains(&format!("återförsäljare {}", short(world.other_reseller))), "{users}");
}
