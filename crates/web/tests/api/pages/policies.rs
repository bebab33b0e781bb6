//! Policies as pages: what was published, the files, checking, trying and publishing a draft, and the replay.

use super::hostile::{CORPUS, check};
use super::{csrf, read, send, value_of};
use crate::world::{Answer, Person, World};
use domain::permission::Role;

/// The draft of one file changed, sent to a verb.
async fn draft(world: &World, verb: &str, by: &Person, (from, to): (&str, &str), more: &[(&str, &str)]) -> Answer {
    let (base, text) = changed(("approvals.toml", from), to);
    let page = read(world, &format!("/policies/{base}/edit?file=approvals.toml"), by, "en").await.is(200);
    let (token, state) = (csrf(&page), value_of(&page, "state").replace("&quot;", "\""));
    // The first field of a name counts, so that what a test says goes before what the page had.
    let fields = [
        more,
        &[("csrf", token.as_str()), ("key", "k"), ("state", state.as_str()), ("base", base.as_str())][..],
        &[("file", "approvals.toml"), ("text", text.as_str())],
    ];
    send(world, &format!("/policies/{verb}"), by, &fields.concat()).await
}

/// The hash of the shipped policy, and the text of a file of it with something changed.
fn changed((name, from): (&str, &str), to: &str) -> (String, String) {
    let bundle = policy::Bundle::embedded();
    let text = String::from_utf8(bundle.files()[name].clone()).unwrap();
    assert!(text.contains(from), "{name} no longer says {from}");
    // A browser sends the ends of lines in its own way.
    (bundle.hash().to_string(), text.replacen(from, to, 1).replace('\n', "\r\n"))
}

const WAS: &str = "page_unanswered_after = \"15 min\"";
const LONGER: (&str, &str) = (WAS, "page_unanswered_after = \"20 min\"");

#[tokio::test]
async fn what_was_published_and_its_files_are_read_in_both_languages() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let hash = policy::Bundle::embedded().hash().to_string();
    let english = read(&world, "/policies", &global, "en").await.is(200).text;
    assert!(english.contains("In force") && english.contains(&format!("/policies/{hash}")), "{english}");
    let swedish = read(&world, "/policies", &global, "sv").await.is(200).text;
    assert!(swedish.contains("Gäller") && swedish.contains("Gör om besluten"));
    let files = read(&world, &format!("/policies/{hash}"), &global, "en").await.is(200).text;
    for name in policy::Bundle::embedded().files().keys() {
        assert!(files.contains(name), "{name}");
    }
    assert!(files.contains("page_unanswered_after"));
    read(&world, &format!("/policies/{}", "0".repeat(64)), &global, "en").await.is(404);
    read(&world, "/policies/x", &global, "en").await.is(404);
}

#[tokio::test]
async fn a_wrong_file_is_told_by_file_line_and_column_with_what_to_write_instead() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let broken = draft(&world, "draft", &agent, (WAS, "page_unanswered_after = \"soon\""), &[]).await.is(200).text;
    let (_, text) = changed(("approvals.toml", WAS), "page_unanswered_after = \"soon\"");
    let line = text.lines().position(|line| line.contains("\"soon\"")).unwrap() + 1;
    assert!(broken.contains(&format!("approvals.toml:{line}:")), "{broken}");
    assert!(broken.contains("1 place is wrong") && broken.contains("Instead"));
    assert!(broken.contains("soon&quot;"), "what was typed is still there");
    let good = draft(&world, "draft", &agent, LONGER, &[]).await.is(200).text;
    assert!(good.contains("The files pass the check") && good.contains("20 min"), "{good}");
    assert!(good.contains("disabled") && good.contains("One of these roles may"), "an agent does not publish");
}

#[tokio::test]
async fn what_the_check_says_is_said_in_swedish() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (base, text) = changed(("approvals.toml", WAS), "page_unanswered_after = \"soon\"");
    let page = read(&world, &format!("/policies/{base}/edit"), &agent, "sv").await.is(200);
    let token = csrf(&page);
    let fields = [("csrf", token.as_str()), ("base", &base), ("file", "approvals.toml"), ("text", &text)];
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", super::percent(value))).collect();
    let ask = world.post("/policies/draft").by(&agent).header("accept", "text/html").header("accept-language", "sv");
    let answer = ask.text("application/x-www-form-urlencoded", &body.join("&")).send().await.is(200).text;
    assert!(answer.contains("är ingen tidslängd") && answer.contains("I stället"), "{answer}");
}

#[tokio::test]
async fn edits_of_several_files_are_carried_along_by_the_form() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let first = draft(&world, "draft", &agent, LONGER, &[("open", "clocks.toml")]).await.is(200);
    assert!(first.text.contains("name=\"changed\" value=\"approvals.toml\""), "{}", first.text);
    assert!(first.text.contains("name=\"file\" value=\"clocks.toml\""));
    let (_, approvals) = changed(("approvals.toml", WAS), LONGER.1);
    let (base, clocks) = changed(("clocks.toml", "target = \"1 h\""), "target = \"50 min\"");
    let token = csrf(&first);
    let fields = [
        ("csrf", token.as_str()),
        ("base", &base),
        ("changed", "approvals.toml"),
        ("content", &approvals),
        ("file", "clocks.toml"),
        ("text", &clocks),
    ];
    let both = send(&world, "/policies/draft", &agent, &fields).await.is(200).text;
    assert!(both.contains("20 min") && both.contains("50 min"), "{both}");
    let foreign = [("csrf", token.as_str()), ("base", &base), ("changed", "../x"), ("content", "a = 1")];
    send(&world, "/policies/draft", &agent, &foreign).await.is(422);
}

#[tokio::test]
async fn a_draft_is_tried_on_the_real_history_and_told_in_money() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (base, text) = changed(("cases.toml", "minimum_level = \"medium\""), "minimum_level = \"critical\"");
    let page = read(&world, &format!("/policies/{base}/edit?file=cases.toml"), &agent, "en").await.is(200);
    let token = csrf(&page);
    let fields = [("csrf", token.as_str()), ("base", &base), ("file", "cases.toml"), ("text", &text)];
    let tried = send(&world, "/policies/try", &agent, &fields).await.is(200).text;
    assert!(tried.contains("2 histories were run; for 1 of them"), "{tried}");
    assert!(tried.contains(&format!("/customers/{}", world.customer)) && tried.contains("Lost, as it was"));
    let same = draft(&world, "try", &agent, LONGER, &[]).await.is(200).text;
    assert!(same.contains("Nothing would have been otherwise"), "{same}");
    let wrong = draft(&world, "try", &agent, LONGER, &[("minutes", "soon")]).await.is(422).text;
    assert!(wrong.contains("value=\"soon\""));
}

#[tokio::test]
async fn a_draft_is_published_from_an_instant_by_the_role_that_may_and_not_over_somebody_elses() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    let agent = world.person(&[Role::AdminAgent]).await;
    draft(&world, "publish", &agent, LONGER, &[]).await.is(403);
    let later = draft(&world, "publish", &global, LONGER, &[("from", "2026-11-30T08:00")]).await;
    assert_eq!(later.is(303).header("location"), "/policies");
    let list = read(&world, "/policies", &global, "en").await.is(200).text;
    assert!(list.contains("Not yet in force") && list.contains("30 Nov 2026"), "{list}");
    let past =
        draft(&world, "publish", &global, (WAS, "page_unanswered_after = \"25 min\""), &[("from", "2020-01-01T08:00")]);
    assert!(past.await.is(422).text.contains("25 min"), "what was typed stays");
    let stale = draft(&world, "publish", &global, LONGER, &[("state", "\"v1\"")]).await.is(412).text;
    assert!(stale.contains("It was changed meanwhile") && stale.contains("20 min"), "{stale}");
    let newest = app_newest(&world).await;
    let changed = read(&world, &format!("/policies/{newest}"), &global, "sv").await.is(200).text;
    assert!(changed.contains("Vad den ändrade") && changed.contains("20 min"), "{changed}");
}

async fn app_newest(world: &World) -> String {
    world.desk.policies.refresh().await.unwrap().epochs.last().unwrap().hash.to_string()
}

#[tokio::test]
async fn decisions_are_made_again_and_come_out_the_same() {
    let world = World::mined().await;
    let auditor = world.person(&[Role::Auditor]).await;
    let token = csrf(&read(&world, "/policies", &auditor, "en").await.is(200));
    let fields = [("csrf", token.as_str()), ("key", "k")];
    let page = send(&world, "/policies/replay", &auditor, &fields).await.is(200).text;
    assert!(page.contains("The decisions of 2 customers came out the same"), "{page}");
    let found = world.post("/api/v1/policies:replay").by(&auditor).json(&serde_json::json!({})).send().await.is(200);
    let decided: u64 =
        found.json()["value"].as_array().unwrap().iter().map(|one| one["decided"].as_u64().unwrap()).sum();
    assert!(decided > 2, "{}", found.text);
}

#[tokio::test]
async fn hostile_files_are_only_text() {
    let world = World::quiet().await;
    let global = world.person(&[Role::GlobalAdministrator]).await;
    for text in CORPUS {
        let comment = format!("{WAS} # {text}");
        let page = draft(&world, "draft", &global, (WAS, &comment), &[]).await.is(200).text;
        check("draft", &page);
        let broken = draft(&world, "draft", &global, (WAS, text), &[("from", text), ("minutes", text)]).await;
        check("broken", &broken.is(200).text);
        draft(&world, "publish", &global, (WAS, &comment), &[]).await.is(303);
        let newest = app_newest(&world).await;
        for path in [format!("/policies/{newest}"), format!("/policies/{newest}/edit?file=approvals.toml")] {
            check(&path, &read(&world, &path, &global, "sv").await.is(200).text);
        }
    }
}
