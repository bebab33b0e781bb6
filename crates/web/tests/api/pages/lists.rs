//! Lists: views are addresses, the filter is the one of the interface for programs, pages go on, many rows at once.

use super::{csrf, read, send};
use crate::world::{MINING_RULE, World};
use domain::ids::{AccountId, TenantId};
use domain::permission::Role;

fn cases_of(page: &str) -> Vec<String> {
    page.split("id=\"case-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_view_is_an_address_and_shows_what_it_says_in_both_languages() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let english = read(&world, "/cases", &agent, "en").await.is(200).text;
    assert_eq!(cases_of(&english).len(), 1);
    assert!(english.contains("value=\"status:open\"") && english.contains("/cases?filter=status%3Aopen+owner%3Ame"));
    let swedish = read(&world, "/cases?filter=status%3Aclosed", &agent, "sv").await.is(200).text;
    assert!(swedish.contains("Inget ärende passar"), "{swedish}");
    let wrong = read(&world, "/cases?filter=colour%3Ablue", &agent, "en").await.is(400).text;
    assert!(wrong.contains("colour") && wrong.contains("status, severity"), "{wrong}");
    let signals = read(&world, "/signals?filter=severity%3Ahigh", &agent, "sv").await.is(200).text;
    assert!(signals.contains("GPU-maskin skriven") && signals.contains("Händelser"), "{signals}");
}

#[tokio::test]
async fn the_next_rows_come_alone_and_none_is_skipped_or_doubled() {
    let world = World::quiet().await;
    world.find(world.customer, MINING_RULE, 120_000).await;
    world.find(world.other_customer, MINING_RULE, 500_000).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let first = read(&world, "/cases?maxpagesize=1", &agent, "en").await.is(200).text;
    let link = first.split("hx-get=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    assert!(link.starts_with("/cases?after="), "{link}");
    let ask = super::page(&world, &link, &agent).header("hx-request", "true").header("hx-target", "nav#cases-more");
    let more = ask.send().await.is(200).text;
    assert!(more.contains("<hx-partial") && !more.contains("<html"), "{more}");
    let (one, other) = (cases_of(&first), cases_of(&more));
    assert_eq!((one.len(), other.len()), (1, 1));
    assert_ne!(one, other);
    let whole = read(&world, &link, &agent, "en").await.is(200).text;
    assert_eq!(cases_of(&whole), other, "without a script the link is a page");
}

#[tokio::test]
async fn many_at_once_says_first_for_how_many_it_can_be_done() {
    let world = World::quiet().await;
    world.find(world.customer, MINING_RULE, 120_000).await;
    world.find(world.other_customer, MINING_RULE, 500_000).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/cases", &agent, "en").await.is(200);
    let (token, cases) = (csrf(&page), cases_of(&page.text));
    let close =
        |case: &str| vec![("csrf", token.clone()), ("verb", "false_alarm".to_owned()), ("case", case.to_owned())];
    let owned: Vec<(&str, String)> =
        [close(&cases[0]), vec![("sure", "yes".to_owned()), ("key", "k1".to_owned())]].concat();
    let fields: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = send(&world, "/cases/many", &agent, &fields).await.is(303);
    assert!(done.header("set-cookie").contains("done-closed+1"), "{}", done.header("set-cookie"));

    let both = [("csrf", token.as_str()), ("verb", "claim"), ("case", &cases[0]), ("case", &cases[1])];
    let review = send(&world, "/cases/many", &agent, &both).await.is(200).text;
    assert!(review.contains("1 of 2 can be done.") && review.contains("is closed already"), "{review}");
    let sure = [both.as_slice(), &[("sure", "yes"), ("key", "k2"), ("back", "/cases")]].concat();
    let done = send(&world, "/cases/many", &agent, &sure).await.is(303);
    assert!(done.header("set-cookie").contains("done-claimed+1"));
    let shown = super::page(&world, "/cases", &agent).header("cookie", "flash=done-claimed+1").send().await.is(200);
    assert!(shown.text.contains("1 case is yours.") && cases_of(&shown.text).len() == 1, "{}", shown.text);
    assert!(shown.header("set-cookie").contains("Max-Age=0"), "a message is shown once");
}

#[tokio::test]
async fn all_that_match_are_taken_beyond_the_page_and_nothing_else() {
    let world = World::quiet().await;
    world.find(world.customer, MINING_RULE, 120_000).await;
    world.find(world.other_customer, MINING_RULE, 500_000).await;
    world.find(world.other_customer, "some-other-rule", 100).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let all = cases_of(&read(&world, "/cases", &agent, "en").await.is(200).text);
    assert_eq!(all.len(), 3);
    let page = read(&world, "/cases?maxpagesize=1&filter=status%3Aopen+story%3Amining", &agent, "en").await.is(200);
    assert_eq!(cases_of(&page.text).len(), 1, "the page shows one of the two that match");
    assert!(page.text.contains("Every case that matches the filter") && page.text.contains("at most 500"));
    let (token, filter) = (csrf(&page), super::value_of(&page, "filter"));
    assert_eq!(filter, "status:open story:mining");
    let wish = [("csrf", token.as_str()), ("verb", "claim"), ("matching", "yes"), ("filter", filter.as_str())];
    let review = send(&world, "/cases/many", &agent, &wish).await.is(200).text;
    assert!(review.contains("2 of 2 can be done.") && !review.contains("More cases match"), "{review}");
    let named: Vec<&str> = all.iter().map(String::as_str).filter(|case| review.contains(*case)).collect();
    assert_eq!(named.len(), 2, "exactly what was counted is sent on");
    // What was not reviewed is not done, whatever matches by now.
    let sure = [wish.as_slice(), &[("case", named[0]), ("sure", "yes"), ("key", "k"), ("back", "/cases")]].concat();
    let done = send(&world, "/cases/many", &agent, &sure).await.is(303);
    assert!(done.header("set-cookie").contains("done-claimed+1"), "{}", done.header("set-cookie"));
    let wrong = [("csrf", token.as_str()), ("verb", "claim"), ("matching", "yes"), ("filter", "colour:blue")];
    send(&world, "/cases/many", &agent, &wrong).await.is(400);
    // Somebody else's cases do not match for who does not see them.
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let token = csrf(&read(&world, "/cases", &foreign, "sv").await.is(200));
    let wish = [("csrf", token.as_str()), ("verb", "claim"), ("matching", "yes"), ("filter", "status:open")];
    let review = send(&world, "/cases/many", &foreign, &wish).await.is(200).text;
    assert!(review.contains("2 of 2 can be done."), "{review}");
}

#[tokio::test]
async fn an_act_is_bounded_and_says_that_more_match() {
    let world = World::quiet().await;
    for number in 0..501 {
        let tenant = TenantId(crate::world::id(100 + number));
        let account = AccountId::of_customer(world.connection, tenant);
        world.register(account, tenant, world.reseller).await;
        world.find(account, MINING_RULE, 100).await;
    }
    let agent = world.person(&[Role::AdminAgent]).await;
    let token = csrf(&read(&world, "/cases", &agent, "en").await.is(200));
    let wish = [("csrf", token.as_str()), ("verb", "claim"), ("matching", "yes"), ("filter", "status:open")];
    let review = send(&world, "/cases/many", &agent, &wish).await.is(200).text;
    assert!(review.contains("500 of 500 can be done.") && review.contains("More cases match"), "{review}");
    let swedish = super::page(&world, "/cases", &agent).header("accept-language", "sv").send().await.is(200).text;
    assert!(swedish.contains("Alla ärenden som passar filtret") && swedish.contains("högst 500"), "{swedish}");
}

#[tokio::test]
async fn a_foreign_case_is_unknown_also_among_many() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let case = cases_of(&read(&world, "/cases", &agent, "en").await.text).remove(0);
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let page = read(&world, "/cases", &foreign, "en").await.is(200);
    assert!(!page.text.contains(&case));
    let fields = [("csrf", csrf(&page)), ("verb", "claim".to_owned()), ("case", case.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    send(&world, "/cases/many", &foreign, &fields).await.is(404);
    read(&world, &format!("/cases/{case}"), &foreign, "en").await.is(404);
    for wanted in [case.as_str(), &world.customer.to_string(), "alert-1"] {
        let found = read(&world, &format!("/search?q={wanted}"), &foreign, "en").await.is(200).text;
        assert!(found.contains("Nothing was found"), "{wanted}");
        read(&world, &format!("/search?q={wanted}"), &agent, "en").await.is(303);
    }
}
