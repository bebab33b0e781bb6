//! Today: counters as money and time, one queue in the order of what is lost, and a word where nothing waits.

use super::read;
use crate::world::{MINING_RULE, World};
use domain::permission::Role;

#[tokio::test]
async fn today_tells_money_and_time_in_both_languages() {
    let world = World::mined().await;
    world.wait(75);
    let agent = world.person(&[Role::AdminAgent]).await;
    let english = read(&world, "/", &agent, "en").await.is(200).text;
    for text in [
        "Money at risk now",
        "SEK\u{a0}3,296",
        "1\u{a0}h 15\u{a0}min",
        "Crypto mining: Microsoft waits for an answer",
        "15\u{a0}min late",
        "Why here?",
        "Kanariefågel AB",
    ] {
        assert!(english.contains(text), "{text} in {english}");
    }
    let swedish = read(&world, "/", &agent, "sv").await.is(200).text;
    for text in [
        "Belopp i riskzonen nu",
        "3\u{a0}296\u{a0}kr",
        "1\u{a0}tim 15\u{a0}min",
        "Kryptoutvinning: Microsoft väntar på svar",
        "15\u{a0}min för sent",
    ] {
        assert!(swedish.contains(text), "{text} in {swedish}");
    }
}

#[tokio::test]
async fn the_queue_has_the_dearest_first_and_says_what_it_was_reckoned_from() {
    let world = World::quiet().await;
    world.find(world.customer, MINING_RULE, 120_000).await;
    world.find(world.other_customer, MINING_RULE, 500_000).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/", &agent, "en").await.is(200).text;
    let (_, rows) = page.split_once("<tbody>").unwrap();
    let (dear, cheap) = (rows.find("SEK\u{a0}40,000").unwrap(), rows.find("SEK\u{a0}9,600").unwrap());
    assert!(dear < cheap, "{page}");
    assert!(page.contains("SEK\u{a0}40,000 at stake × 90 % likely"), "{page}");
}

#[tokio::test]
async fn where_nothing_waits_the_page_says_what_will_be_here() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, "/", &agent, "en").await.is(200).text;
    assert!(page.contains("Nothing waits for you") && page.contains("Cases appear here by themselves"), "{page}");
    let mine = read(&world, "/?view=mine", &agent, "sv").await.is(200).text;
    assert!(mine.contains("Du har inget ärende"), "{mine}");
    let (_, oldest) = mine.split_once("Äldsta obesvarade avisering").unwrap();
    assert!(oldest.split_once("</dd>").unwrap().0.contains(">ingen<"), "{mine}");
}

#[tokio::test]
async fn a_part_is_given_alone_to_who_asks_for_it() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let ask = super::page(&world, "/", &agent).header("hx-request", "true").header("hx-target", "section#now");
    let part = ask.send().await.is(200).text;
    assert!(!part.contains("<html") && part.contains("case-"), "{part}");
    assert!(part.contains("class=\"sub\"") && part.contains("1 open case<"), "the line below the heading too: {part}");
}

#[tokio::test]
async fn nobody_sees_another_resellers_money_or_count() {
    let world = World::mined().await;
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let page = read(&world, "/", &foreign, "en").await.is(200).text;
    assert!(page.contains("0 open cases") && page.contains("Nothing waits for you") && !page.contains("SEK"), "{page}");
}

#[tokio::test]
async fn a_role_without_personal_data_reads_no_name() {
    let world = World::mined().await;
    let auditor = world.person(&[Role::Auditor]).await;
    let page = read(&world, "/", &auditor, "en").await.is(200).text;
    assert!(!page.contains(crate::world::CANARY) && page.contains("Crypto mining"), "{page}");
}
