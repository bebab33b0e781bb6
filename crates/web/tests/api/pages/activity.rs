//! The page of what was done in Partner Center: filters in the address, reviews single and of many, both languages.

use super::hostile::{CORPUS, check};
use super::{csrf, read, send};
use crate::world::{CANARY, World};
use domain::permission::Role;

#[tokio::test]
async fn the_log_of_all_customers_is_read_in_both_languages_and_filtered_by_address() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let record = world.done(world.customer, "1", "update_subscription", "asa@partner.example").await;
    world.done(world.other_customer, "2", "something_new", "bo@partner.example").await;
    world.done(world.connection, "3", "sign_agreement", "bo@partner.example").await;
    let english = read(&world, "/activity", &agent, "en").await.is(200).text;
    assert!(english.contains("Subscription changed") && english.contains("something_new"), "{english}");
    assert!(english.contains("asa@partner.example") && english.contains("none of our customers"));
    let swedish = read(&world, "/activity?filter=operation%3Aupdate_subscription", &agent, "sv").await.is(200).text;
    assert!(swedish.contains("Prenumeration ändrad") && !swedish.contains("something_new"), "{swedish}");
    assert!(swedish.contains(">prenumeration · <") && english.contains(">subscription · <"), "{swedish}");
    let of_one = read(&world, "/activity?filter=who%3A%22bo%40partner.example%22", &agent, "en").await.is(200).text;
    assert!(of_one.contains("something_new") && !of_one.contains(&record.to_string()));
    let none = read(&world, "/activity?filter=status%3Areviewed", &agent, "sv").await.is(200).text;
    assert!(none.contains("Ingen post passar"));
    read(&world, "/activity?filter=colour%3Ablue", &agent, "en").await.is(400);
    let timeline = read(&world, &format!("/customers/{}?part=activity", world.customer), &agent, "sv").await.is(200);
    assert!(timeline.text.contains("Något gjordes i Partner Center") && timeline.text.contains("Prenumeration ändrad"));
}

#[tokio::test]
async fn one_record_and_many_are_marked_and_the_navigation_counts_what_is_left() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let mut records = Vec::new();
    for number in 0..3 {
        let record = world.done(world.customer, &number.to_string(), "create_order", "asa@partner.example").await;
        records.push(record.to_string());
    }
    let page = read(&world, "/activity", &agent, "en").await.is(200);
    assert!(page.text.contains("3 not reviewed"), "{}", page.text);
    let one = read(&world, &format!("/activity/{}", records[0]), &agent, "sv").await.is(200);
    assert!(one.text.contains("Före och efter") && one.text.contains(CANARY));
    let token = csrf(&one);
    let back = format!("/activity/{}", records[0]);
    let fields = [("csrf", token.as_str()), ("key", "k1"), ("activity", records[0].as_str()), ("back", back.as_str())];
    send(&world, "/activity/review", &agent, &fields).await.is(303);
    let again = read(&world, &back, &agent, "sv").await.is(200).text;
    assert!(again.contains("<dd>du<"), "who looked: {again}");
    assert!(!again.contains("action=\"/activity/review\""), "nothing is left to mark");
    let many = [
        ("csrf", token.as_str()),
        ("key", "k2"),
        ("activity", records[0].as_str()),
        ("activity", records[1].as_str()),
        ("activity", records[2].as_str()),
        ("back", "/activity"),
    ];
    let partly = send(&world, "/activity/review", &agent, &many).await.is(200).text;
    assert!(partly.contains("2 of 3 are marked now") && partly.contains("was reviewed before"), "{partly}");
    let page = read(&world, "/activity", &agent, "en").await.is(200).text;
    assert!(!page.contains("not reviewed\"") && page.contains("No record fits"), "{page}");
    let nothing = [("csrf", token.as_str()), ("key", "k3"), ("back", "/activity")];
    send(&world, "/activity/review", &agent, &nothing).await.is(303);
}

#[tokio::test]
async fn who_may_not_triage_reads_why_and_foreign_records_do_not_exist() {
    let world = World::quiet().await;
    let record = world.done(world.customer, "1", "create_order", "asa@partner.example").await;
    let auditor = world.person(&[Role::Auditor]).await;
    let page = read(&world, &format!("/activity/{record}"), &auditor, "en").await.is(200).text;
    assert!(page.contains("One of these roles may") && !page.contains("asa@partner.example") && !page.contains(CANARY));
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    read(&world, &format!("/activity/{record}"), &foreign, "en").await.is(404);
    let list = read(&world, "/activity", &foreign, "en").await.is(200).text;
    assert!(!list.contains(&record.to_string()) && !list.contains("not reviewed)"), "no count of others' rows");
}

#[tokio::test]
async fn hostile_words_of_partner_center_are_only_text() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for (number, text) in CORPUS.into_iter().enumerate() {
        let record = world.done(world.customer, &number.to_string(), text, text).await;
        for path in [format!("/activity/{record}"), "/activity".to_owned()] {
            for language in ["en", "sv"] {
                check(&path, &read(&world, &path, &agent, language).await.is(200).text);
            }
        }
    }
}

#[tokio::test]
async fn more_records_than_are_counted_are_told_as_more_than_that() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for number in 0..100 {
        world.done(world.customer, &number.to_string(), "create_order", "asa@partner.example").await;
    }
    let exact = read(&world, "/views", &agent, "en").await.is(200).text;
    assert!(exact.contains("(100 not reviewed)"), "{exact}");
    world.done(world.customer, "one more", "create_order", "asa@partner.example").await;
    let english = read(&world, "/views", &agent, "en").await.is(200).text;
    assert!(english.contains(">100+<") && english.contains("(100+ not reviewed)"), "{english}");
    let swedish = read(&world, "/views", &agent, "sv").await.is(200).text;
    assert!(swedish.contains(">100+<") && swedish.contains("(100+ inte granskade)"), "{swedish}");
}
