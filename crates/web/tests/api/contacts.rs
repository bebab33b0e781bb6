//! Whom we speak with: contacts, conversations and notes, sealed, and what a call confirms.

use crate::world::{CANARY, World};
use domain::permission::Role;
use serde_json::{Value, json};

fn contact(name: &str) -> Value {
    json!({"name": name, "role": "security", "phone": "+46 8 123", "source": "customer"})
}

#[tokio::test]
async fn a_contact_is_confirmed_only_by_our_own_call_on_a_known_number() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let customer = format!("/api/v1/customers/{}", world.customer);
    let made = world.post(&format!("{customer}/contacts")).by(&agent).json(&contact(CANARY)).send().await.is(201);
    let (here, id) = (made.header("location").to_owned(), made.json()["id"].as_str().unwrap().to_owned());
    let call = |more: Value| {
        let mut body = json!({"channel": "phone", "direction": "outgoing", "knownNumber": true, "said": CANARY, "contact": id, "confirms": id});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let send = async |body: Value| world.post(&format!("{customer}:call")).by(&agent).json(&body).send().await;
    send(call(json!({"direction": "incoming"}))).await.problem(422, "badBody");
    send(call(json!({"knownNumber": false}))).await.problem(422, "badBody");
    let before = world.get(&here).by(&agent).send().await.is(200).json();
    assert!(before.get("confirmed").is_none());
    let kept = send(call(json!({}))).await.is(200).json();
    assert_eq!(
        (&kept["body"]["with"]["value"], &kept["body"]["number"]["value"]),
        (&json!(CANARY), &json!("+46 8 123"))
    );
    let after = world.get(&here).by(&agent).send().await.is(200).json();
    assert!(after["confirmed"].is_string() && after["lastCall"].is_string(), "{after}");
    let anew = json!({"name": "Bo", "role": "security", "phone": "1", "source": "customer", "replaces": id});
    world.post(&format!("{customer}/contacts")).by(&agent).json(&anew).send().await.is(201);
    let changed = world.get(&here).by(&agent).send().await.is(200).json();
    assert!(changed.get("confirmed").is_none() && changed["name"]["value"] == "Bo", "{changed}");
    let list = world.get(&format!("{customer}/contacts")).by(&agent).send().await.is(200).json();
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    let path = here.clone();
    world.ask(http::Method::DELETE, &path).by(&agent).send().await.is(204);
    world.get(&here).by(&agent).send().await.problem(404, "notFound");
}

#[tokio::test]
async fn a_conversation_has_a_time_a_case_and_somebody_to_speak_with() {
    let world = World::mined().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let (case, _) = world.case().await;
    let case = case.rsplit('/').next().unwrap();
    let customer = format!("/api/v1/customers/{}", world.customer);
    let send = async |path: &str, body: Value| world.post(path).by(&agent).json(&body).send().await;
    let body = |more: Value| {
        let mut body =
            json!({"channel": "visit", "direction": "incoming", "knownNumber": false, "said": "Hello", "with": "Åsa"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let call = format!("{customer}:call");
    let kept = send(&call, body(json!({"case": case, "at": "2026-11-21T10:00:00Z", "agreed": "To call again"}))).await;
    let kept = kept.is(200).json();
    assert_eq!((&kept["happened"], &kept["body"]["case"]), (&json!("2026-11-21T10:00:00Z"), &json!(case)));
    for wrong in [
        json!({"with": null}),
        json!({"said": " "}),
        json!({"at": "2027-01-01T00:00:00Z"}),
        json!({"at": "2020-01-01T00:00:00Z"}),
        json!({"contact": uuid::Uuid::from_u128(1)}),
        json!({"case": uuid::Uuid::from_u128(1)}),
        json!({"channel": "telepathy"}),
    ] {
        send(&call, body(wrong)).await.problem(422, "badBody");
    }
    let other = format!("/api/v1/customers/{}:call", world.other_customer);
    send(&other, body(json!({"case": case}))).await.problem(422, "badBody");
    send(&format!("{customer}:note"), json!({"text": "Asked for the invoice"})).await.is(200);
    let calls = world.get(&format!("{customer}/calls")).by(&agent).send().await.is(200).json();
    assert_eq!(calls["value"].as_array().unwrap().len(), 1, "a note is no conversation");
}

#[tokio::test]
async fn the_same_request_sent_twice_is_recorded_once() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let customer = format!("/api/v1/customers/{}", world.customer);
    for _ in 0..2 {
        let note = world.post(&format!("{customer}:note")).by(&agent).header("idempotency-key", "one");
        note.json(&json!({"text": "Once"})).send().await.is(200);
        let new = world.post(&format!("{customer}/contacts")).by(&agent).header("idempotency-key", "two");
        new.json(&contact("Bo")).send().await.is(201);
    }
    let timeline = world.get(&format!("{customer}/timeline?maxpagesize=1000")).by(&agent).send().await.is(200).json();
    let count = |kind: &str| timeline["value"].as_array().unwrap().iter().filter(|fact| fact["kind"] == kind).count();
    assert_eq!((count("customer.noted"), count("contact.recorded")), (1, 1));
}

#[tokio::test]
async fn names_numbers_and_what_was_said_are_opened_only_for_those_who_may() {
    let world = World::quiet().await;
    let agent = world.person(&[Role::AdminAgent]).await;
    let customer = format!("/api/v1/customers/{}", world.customer);
    world.post(&format!("{customer}/contacts")).by(&agent).json(&contact(CANARY)).send().await.is(201);
    let said =
        json!({"channel": "phone", "direction": "outgoing", "knownNumber": true, "said": CANARY, "with": CANARY});
    world.post(&format!("{customer}:call")).by(&agent).json(&said).send().await.is(200);
    for path in [format!("{customer}/contacts"), format!("{customer}/calls")] {
        assert!(world.get(&path).by(&agent).send().await.is(200).text.contains(CANARY));
        let auditor = world.person(&[Role::Auditor]).await;
        let closed = world.get(&path).by(&auditor).send().await.is(200).text;
        assert!(!closed.contains(CANARY) && closed.contains("closed"), "{closed}");
    }
    // What lies in the journal is no text that anybody can read there.
    let facts = world.desk.store.facts(world.customer, 0, 1_000).await.unwrap();
    assert!(facts.iter().all(|fact| !String::from_utf8_lossy(&fact.bytes).contains(CANARY)));
}
