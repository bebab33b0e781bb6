//! The customer's page: notes, contacts, conversations, protection so far; hostile texts in every field of them.

use super::hostile::{CORPUS, check};
use super::{csrf, read, send};
use crate::world::{Person, World};
use domain::permission::Role;

async fn form(world: &World, verb: &str, by: &Person, key: &str, fields: &[(&str, &str)]) -> crate::world::Answer {
    let here = format!("/customers/{}", world.customer);
    let token = csrf(&read(world, &here, by, "en").await.is(200));
    let all = [&[("csrf", token.as_str()), ("key", key)][..], fields].concat();
    send(world, &format!("{here}/{verb}"), by, &all).await
}

const CALL: [(&str, &str); 5] =
    [("channel", "phone"), ("direction", "outgoing"), ("knownNumber", "yes"), ("with", "Åsa"), ("said", "Hej")];

#[tokio::test]
async fn a_contact_is_written_down_confirmed_by_a_call_and_taken_away() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let here = format!("/customers/{}", world.customer);
    let fields = [("role", "security"), ("name", "Åsa Ek"), ("phone", "+46 8 123"), ("source", "customer")];
    form(&world, "contact", &agent, "k1", &fields).await.is(303);
    let page = read(&world, &here, &agent, "en").await.is(200).text;
    assert!(page.contains("Åsa Ek") && page.contains("+46 8 123") && page.contains("Not confirmed"), "{page}");
    assert!(page.contains("no confirmed contact for security"));
    let id = page.split("id=\"contact-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let wrong = [&CALL[..], &[("direction", "incoming")][..]].concat();
    let incoming: Vec<_> = wrong.into_iter().filter(|field| *field != ("direction", "outgoing")).collect();
    let refused = form(&world, "call", &agent, "k2", &[&incoming[..], &[("confirms", id.as_str())]].concat()).await;
    let refused = refused.is(422).text;
    assert!(
        refused.contains("value=\"Åsa\"") && refused.contains(">Hej</textarea>"),
        "what was typed stays: {refused}"
    );
    let call = [&CALL[..], &[("confirms", id.as_str()), ("contact", id.as_str()), ("agreed", "Ring igen")]].concat();
    form(&world, "call", &agent, "k3", &call).await.is(303);
    let page = read(&world, &format!("{here}?part=notes"), &agent, "sv").await.is(200).text;
    assert!(page.contains("Bekräftad") && !page.contains("ingen att ringa"), "{page}");
    assert!(page.contains("Ett samtal med kunden") && page.contains("”Hej”") && page.contains("”Ring igen”"));
    assert!(page.contains("Ja, vi kände till numret"));
    form(&world, &format!("contacts/{id}/remove"), &agent, "k4", &[]).await.is(303);
    assert!(!read(&world, &here, &agent, "en").await.is(200).text.contains("id=\"contact-"));
}

#[tokio::test]
async fn a_note_is_kept_once_and_an_empty_one_is_refused() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for _ in 0..2 {
        form(&world, "note", &agent, "same", &[("text", "Bad om faktura")]).await.is(303);
    }
    let page = read(&world, &format!("/customers/{}?part=notes", world.customer), &agent, "sv").await.is(200).text;
    assert_eq!(page.matches("”Bad om faktura”").count(), 1, "sent twice it is one");
    let empty = form(&world, "note", &agent, "other", &[("text", " ")]).await.is(422).text;
    assert!(empty.contains("Something in the form can") && empty.contains("open"), "{empty}");
}

#[tokio::test]
async fn protection_so_far_says_what_was_seen_and_what_nobody_knows() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let page = read(&world, &format!("/customers/{}", world.customer), &agent, "en").await.is(200).text;
    assert!(page.contains("Protection so far") && page.contains("not known: it is not read yet"), "{page}");
    assert!(page.contains("1 known, 1 open") && page.contains("none is confirmed"));
    assert!(page.contains("MFA of our administrators") && page.contains("1 of 1 active"));
    let quiet = read(&world, &format!("/customers/{}", world.other_customer), &agent, "sv").await.is(200).text;
    assert!(quiet.contains("0 kända, 0 öppna") && quiet.contains("aldrig") && quiet.contains("återförsäljaren"));
}

#[tokio::test]
async fn who_may_not_write_sees_no_field_that_sends_and_reads_no_name() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let fields = [("role", "finance"), ("name", "Hemlig Person"), ("mail", "h@kund.example"), ("source", "agreement")];
    form(&world, "contact", &agent, "k", &fields).await.is(303);
    let auditor = world.person(&[Role::Auditor]).await;
    let page = read(&world, &format!("/customers/{}", world.customer), &auditor, "en").await.is(200).text;
    assert!(!page.contains("Hemlig Person") && !page.contains("h@kund.example") && !page.contains("/remove"), "{page}");
    form(&world, "note", &auditor, "k", &[("text", "x")]).await.is(403);
    let foreign = world.of_reseller(Role::AdminAgent, world.other_reseller).await;
    let token = csrf(&read(&world, "/customers", &foreign, "en").await.is(200));
    let note = [("csrf", token.as_str()), ("key", "k"), ("text", "x")];
    send(&world, &format!("/customers/{}/note", world.customer), &foreign, &note).await.is(404);
}

#[tokio::test]
async fn hostile_notes_names_and_conversations_are_only_text() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    for (number, text) in CORPUS.into_iter().enumerate() {
        let key = |verb: &str| format!("{verb}{number}");
        form(&world, "note", &agent, &key("n"), &[("text", text)]).await.is(303);
        let contact = [("role", "finance"), ("name", text), ("phone", text), ("mail", text), ("source", "customer")];
        form(&world, "contact", &agent, &key("c"), &contact).await.is(303);
        let call = [
            ("channel", "phone"),
            ("direction", "incoming"),
            ("knownNumber", "no"),
            ("with", text),
            ("number", text),
            ("said", text),
            ("agreed", text),
        ];
        form(&world, "call", &agent, &key("s"), &call).await.is(303);
        let typed = form(&world, "call", &agent, &key("w"), &[("channel", text), ("with", text), ("said", text)]).await;
        check("a form that was refused", &typed.is(422).text);
    }
    for path in ["", "?part=notes", "?part=all"] {
        let path = format!("/customers/{}{path}", world.customer);
        for language in ["en", "sv"] {
            check(&path, &read(&world, &path, &agent, language).await.is(200).text);
        }
    }
}

#[tokio::test]
async fn a_billing_administrator_speaks_with_the_customer_and_reads_no_evidence() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let biller = world.person(&[Role::BillingAdministrator]).await;
    let (case, _) = world.case().await;
    let note = serde_json::json!({"text": "Hemlig utredning"});
    world.post(&format!("{case}:note")).by(&agent).json(&note).send().await.is(200);
    form(&world, "note", &agent, "a", &[("text", "Fakturan är betald")]).await.is(303);
    form(&world, "note", &biller, "b", &[("text", "Lovade att betala")]).await.is(303);
    let contact = [("role", "finance"), ("name", "Ekonom Ek"), ("phone", "+46 8 9"), ("source", "agreement")];
    form(&world, "contact", &biller, "c", &contact).await.is(303);
    form(&world, "call", &biller, "d", &CALL).await.is(303);
    let here = format!("/customers/{}", world.customer);
    let page = read(&world, &format!("{here}?part=notes"), &biller, "sv").await.is(200).text;
    for told in ["Kanariefågel AB", "Ekonom Ek", "+46 8 9", "”Fakturan är betald”", "”Lovade att betala”", "”Hej”"]
    {
        assert!(page.contains(told), "{told} in {page}");
    }
    assert!(!page.contains("Hemlig utredning"), "{page}");
    // Evidence, and what is written in cases, is for those who work with abuse.
    let shown = read(&world, &case.replace("/api/v1", ""), &biller, "en").await.is(200).text;
    assert!(!shown.contains("&quot;caller&quot;") && !shown.contains("selection: operation is write"), "{shown}");
    let id = page.split("id=\"contact-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    form(&world, &format!("contacts/{id}/remove"), &biller, "e", &[]).await.is(303);
    let api = format!("/api/v1/customers/{}:note", world.customer);
    let written = serde_json::json!({"text": "Ringde"});
    let told = world.post(&api).by(&biller).json(&written).send().await.is(200).json();
    assert_eq!(told["body"]["note"]["value"], "Ringde", "{told}");
    for (role, status) in [(Role::UserAdministrator, 403), (Role::Auditor, 403), (Role::GlobalAdministrator, 200)] {
        let person = world.person(&[role]).await;
        world.post(&api).by(&person).json(&written).send().await.is(status);
    }
}
