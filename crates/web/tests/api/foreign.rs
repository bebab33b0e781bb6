//! What a caller may change is no matter of the single route either: every route that writes is sent every id there is,
//! by somebody of another reseller. A new route is in the table, so it is sent them as well, with a body that is made from
//! its description; a form that needs a field of a new name has to have it in `FIELDS`.

use crate::asking::Answer;
use crate::pages::{csrf, read};
use crate::scope::with_id;
use crate::world::{MINING_RULE, Person, World};
use domain::ids::{AccountId, Hash, TokenId};
use domain::permission::{Role, Scope};
use http::Method;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use store::SessionRow;
use uuid::Uuid;
use web::{Access, Listed, table};

/// What the fields of forms take; `{id}` stands for the id that is tried.
const FIELDS: &[(&str, &str)] = &[
    ("activity", "{id}"),
    ("alert", "{id}"),
    ("as", "investigating"),
    ("case", "{id}"),
    ("channel", "phone"),
    ("class", "normal"),
    ("days", "7"),
    ("direction", "outgoing"),
    ("filter", "status:open"),
    ("list", "cases"),
    ("name", "Bo"),
    ("note", "x"),
    ("number", "1"),
    ("outcome", "fraud"),
    ("phone", "1"),
    ("playbook", "mining-takeover"),
    ("role", "security"),
    ("rule", MINING_RULE),
    ("said", "x"),
    ("snooze-reason", "x"),
    ("source", "customer"),
    ("state", "\"v1\""),
    ("sure", "yes"),
    ("text", "x"),
    ("verb", "claim"),
    ("with", "Bo"),
];

/// What the fields of bodies take that their description has no example for; one that is an id takes the id that is tried.
const VALUES: &[(&str, &str)] = &[("playbook", "mining-takeover"), ("filter", "status:open")];
/// What is left out of bodies: it stands in the place of another field, or narrows to something that there is not.
const LEFT_OUT: [&str; 2] = ["until", "rules"];

/// The trace that all requests belong to: an answer repeats it.
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A world with one of everything that belongs to the first customer, and every id of it.
struct Filled {
    world: World,
    ids: Vec<String>,
    own: Person,
}

/// Somebody of a reseller who may do all that any role may, and not only read.
async fn of_reseller(world: &World, reseller: AccountId) -> Person {
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Auditor).collect();
    let scope = Scope::Only { resellers: BTreeSet::from([reseller]), customers: BTreeSet::new() };
    world.person_seeing(&roles, scope).await
}

async fn filled() -> Filled {
    let world = World::mined().await;
    let own = of_reseller(&world, world.reseller).await;
    let (case, shown) = world.case().await;
    let of = |value: &Value| value.as_str().unwrap().to_owned();
    let customer = format!("/api/v1/customers/{}", world.customer);
    let contact = json!({"name": "Bo", "role": "security", "phone": "1", "source": "customer"});
    let contact = world.post(&format!("{customer}/contacts")).by(&own).json(&contact).send().await.is(201).json();
    let proposed = world.propose(&own).await.1.json();
    let view = json!({"list": "cases", "name": "Mine", "filter": "status:open", "shared": false});
    let view = world.post("/api/v1/views").by(&own).json(&view).send().await.is(201).json();
    let snooze = json!({"days": 7, "reason": "x"});
    world.post(&format!("{case}:snooze")).by(&own).json(&snooze).send().await.is(200);
    let snoozes = world.get("/api/v1/snoozes").by(&own).send().await.is(200).json();
    let session = TokenId(Uuid::from_u128(77));
    let (began, ends) = (world.now(), world.now().saturating_add(SignedDuration::from_hours(1)).unwrap());
    let row = SessionRow {
        digest: Hash::of(b"a session"),
        id: session,
        account: own.account,
        began,
        heard: began,
        ends,
        proved: None,
    };
    world.desk.store.begin_session(&row).await.unwrap();
    let ids = vec![
        world.customer.to_string(),
        of(&shown.json()["id"]),
        of(&shown.json()["signalList"][0]["id"]),
        "alert-1".to_owned(),
        of(&proposed["id"]),
        of(&contact["id"]),
        of(&snoozes["value"][0]["id"]),
        of(&view["id"]),
        world.done(world.customer, "1", "update_subscription", "asa@partner.example").await.0.to_string(),
        own.account.to_string(),
        own.token.to_string(),
        session.to_string(),
        world.connection.to_string(),
    ];
    Filled { world, ids, own }
}

/// An id that is like another one and names nothing.
fn unknown(id: &str) -> String {
    if id.parse::<Uuid>().is_ok() { "00000000-0000-4000-8000-000000000000".to_owned() } else { "alert-0".to_owned() }
}

/// The addresses of a route with this id; and with the customer's or the case's in the first place, so that an id in the
/// second place, or in the body, is looked for where it is.
fn addresses(route: &Listed, filled: &Filled, id: &str) -> Vec<String> {
    let Some((first, rest)) = route.path.split_once('}') else { return vec![route.path.clone()] };
    let first = Listed { path: format!("{first}}}"), ..route.clone() };
    let rest = Listed { path: rest.to_owned(), ..route.clone() };
    let places = [id, filled.ids[0].as_str(), filled.ids[1].as_str()];
    places.into_iter().map(|place| format!("{}{}", with_id(&first, place), with_id(&rest, id))).collect()
}

/// The bodies of a route: with the fields that it demands, with every field that is no id, and with every field.
fn bodies(described: &Value, route: &Listed, id: &str) -> Vec<Value> {
    let operation = &described["paths"][&route.path][route.method.as_str().to_lowercase()];
    let schema = followed(described, &operation["requestBody"]["content"]["application/json"]["schema"]);
    let demanded = |name: &str| schema["required"].as_array().into_iter().flatten().any(|one| one == name);
    let fields = |wanted: &dyn Fn(&Value) -> bool| -> Value {
        let properties = schema["properties"].as_object().into_iter().flatten();
        let properties = properties.filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
        let valued = properties.map(|(name, of)| (name.clone(), value(described, name, of, id)));
        valued.filter(|(name, value)| demanded(name) || wanted(value)).collect::<Map<_, _>>().into()
    };
    let mut bodies =
        vec![fields(&|_| false), fields(&|value| *value != id && *value != json!([id])), fields(&|_| true)];
    bodies.dedup();
    bodies
}

fn followed<'a>(described: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => described.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// A value that a field may have.
fn value(described: &Value, name: &str, schema: &Value, id: &str) -> Value {
    let schema = followed(described, schema);
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    let known = VALUES.iter().find(|(known, _)| *known == name);
    match kind {
        "array" => json!([value(described, name, &schema["items"], id)]),
        "boolean" => json!(true),
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "string" if schema["format"] == "uuid" || name == "alerts" => json!(id),
        "string" if schema["format"] == "date-time" => json!("2026-11-22T02:00:00Z"),
        "string" => match (schema.get("example"), known) {
            (Some(example), _) => example.clone(),
            (None, Some((_, value))) => json!(value),
            (None, None) => json!("0".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap())),
        },
        _ => Value::Null,
    }
}

/// What is sent to a route with an id: an address, and a body where it is no form.
fn requests(described: &Value, route: &Listed, filled: &Filled, id: &str) -> Vec<Request> {
    let with = |address: String| -> Vec<Request> {
        match (route.page, &route.method) {
            (true, _) | (false, &Method::DELETE) => vec![(address, None)],
            _ => bodies(described, route, id).into_iter().map(|body| (address.clone(), Some(body))).collect(),
        }
    };
    addresses(route, filled, id).into_iter().flat_map(with).collect()
}

async fn sent(world: &World, route: &Listed, person: &Person, token: &str, id: &str, request: &Request) -> Answer {
    let (address, body) = request;
    let ask = world.ask(route.method.clone(), address).by(person).based_on("*").header("traceparent", TRACE);
    if route.page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", token);
        form.extend_pairs(FIELDS.iter().map(|(name, value)| (*name, value.replace("{id}", id))));
        form.append_pair("parameters", &"0".repeat(64));
        let ask = ask.header("accept", "text/html");
        return ask.text("application/x-www-form-urlencoded", &form.finish()).send().await;
    }
    match body {
        Some(body) => ask.json(body).send().await,
        None => ask.send().await,
    }
}

type Request = (String, Option<Value>);

/// The routes that write, of which the table does not say that one has to see every customer.
fn writing() -> Vec<Listed> {
    let writes = |route: &Listed| match route.access {
        Access::Needs(needs) => route.method != Method::GET && !needs.whole_partner,
        Access::Public => false,
    };
    table().into_iter().filter(writes).collect()
}

/// What is about the caller alone and takes no id: nobody else's can be meant.
fn is_own(route: &Listed) -> bool {
    let own = ["/api/v1/me/", "/api/v1/sign-out", "/sign-out", "/profile", "/prove", "/preferences"];
    let views = ["/api/v1/views", "/views"];
    !route.path.contains('{')
        && (own.iter().any(|own| route.path.starts_with(own)) || views.contains(&route.path.as_str()))
}

/// What an answer tells, but for the address and the id that it was asked with.
fn told(answer: &Answer, address: &str, id: &str) -> (u16, String, String, String) {
    let asked = [address, &percent(address), id];
    let without = |text: &str| asked.iter().fold(text.to_owned(), |text, asked| text.replace(asked, "{asked}"));
    let header = |name: &str| without(answer.header(name));
    (answer.status.as_u16(), header("location"), header("set-cookie"), without(&answer.text))
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// How many facts every account has that is not the caller's.
async fn facts(world: &World, ids: &Filled) -> Vec<Option<u64>> {
    let mut versions = Vec::new();
    let accounts = [
        world.customer,
        world.other_customer,
        world.reseller,
        world.connection,
        ids.own.account,
        AccountId::of_partner(),
        AccountId::of_policy(),
    ];
    for account in accounts {
        versions.push(world.desk.store.head(account).await.unwrap().map(|head| head.version));
    }
    versions
}

#[tokio::test]
async fn no_route_that_writes_changes_or_tells_of_what_is_foreign_whatever_id_it_is_sent() {
    let filled = filled().await;
    let world = &filled.world;
    let described: Value = serde_json::from_str(&web::openapi::text()).unwrap();
    let foreign = of_reseller(world, world.other_reseller).await;
    let token = csrf(&read(world, "/", &foreign, "en").await);
    let before = facts(world, &filled).await;
    let mut asked = 0;
    for route in writing().iter().filter(|route| !is_own(route)) {
        for id in &filled.ids {
            let none = unknown(id);
            let of_unknown = requests(&described, route, &filled, &none);
            for (request, unknown) in requests(&described, route, &filled, id).iter().zip(&of_unknown) {
                let what = format!("{} {} {request:?}", route.method, route.path);
                let answer = sent(world, route, &foreign, &token, id, request).await;
                assert_eq!(facts(world, &filled).await, before, "{what} changed something: {}", answer.text);
                let other = sent(world, route, &foreign, &token, &none, unknown).await;
                let (told, of_none) = (told(&answer, &request.0, id), told(&other, &unknown.0, &none));
                assert_eq!(told, of_none, "{what} tells what is there from what is not");
                assert!(
                    !route.path.contains('{') || !answer.status.is_success() && !answer.status.is_redirection(),
                    "{what} says that it was done: {}",
                    answer.text
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 500, "only {asked} requests were sent");
}

/// Whether an answer comes from behind the look for the thing: it is neither unknown nor a request that nobody read. What
/// the guard rails refuse was looked at.
fn is_of_something(answer: &Answer) -> bool {
    if answer.header("x-error-code") == "refused" || answer.text.contains("The policy refuses this") {
        return true;
    }
    let unread = [400, 401, 404, 415, 422, 428].contains(&answer.status.as_u16());
    let before = ["reauthenticationNeeded", "foreignForm", "roleMissing"].contains(&answer.header("x-error-code"));
    !unread && !before
}

/// That a stranger is told nothing means something only where whoever may see the thing gets further.
#[tokio::test]
async fn every_route_that_writes_gets_further_with_the_ids_of_ones_own_customer() {
    let described: Value = serde_json::from_str(&web::openapi::text()).unwrap();
    let mut silent = Vec::new();
    for route in writing().iter().filter(|route| !is_own(route)) {
        let filled = filled().await;
        let world = &filled.world;
        let token = csrf(&read(world, "/", &filled.own, "en").await);
        let mut answers = Vec::new();
        for id in &filled.ids {
            for request in requests(&described, route, &filled, id) {
                answers.push(sent(world, route, &filled.own, &token, id, &request).await);
            }
        }
        if !answers.iter().any(is_of_something) {
            let seen: BTreeSet<_> =
                answers.iter().map(|one| format!("{} {}", one.status, one.header("x-error-code"))).collect();
            silent.push(format!("{} {}: {seen:?}", route.method, route.path));
        }
    }
    assert!(silent.is_empty(), "the walk does not reach these: {silent:#?}");
}
