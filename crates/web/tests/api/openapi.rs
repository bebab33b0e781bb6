//! The description of the interface is the one that is checked in, and says what the table says.

use crate::world::World;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use web::{Access, table};

fn checked_in() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json")
}

#[test]
fn the_description_that_is_checked_in_is_current() {
    let made = web::openapi::text();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(checked_in(), &made).unwrap();
    }
    let kept = std::fs::read_to_string(checked_in()).unwrap_or_default();
    assert!(kept == made, "docs/openapi.json is stale: run this test with UPDATE_OPENAPI=1");
}

#[tokio::test]
async fn the_description_is_open_to_everyone_and_says_3_1() {
    let world = World::empty().await;
    let document = world.get("/api/v1/openapi.json").send().await.is(200).json();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn every_route_is_described_with_its_access_and_its_own_name() {
    let document: Value = serde_json::from_str(&web::openapi::text()).unwrap();
    let mut names = BTreeSet::new();
    let mut operations = 0;
    for route in table().into_iter().filter(|route| !route.page) {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        assert!(operation.is_object(), "{} {}", route.method, route.path);
        operations += 1;
        assert!(names.insert(operation["operationId"].to_string()), "{} twice", operation["operationId"]);
        assert_eq!(operation["security"].is_array(), route.access != Access::Public, "{}", route.path);
        assert!(
            operation["responses"].as_object().unwrap().keys().any(|status| status.starts_with('2')),
            "{}",
            route.path
        );
        let needs_state = operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "If-Match");
        assert_eq!(needs_state, route.changes, "{}", route.path);
    }
    let described: usize =
        document["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(described, operations);
}

#[test]
fn every_reference_leads_somewhere() {
    let document: Value = serde_json::from_str(&web::openapi::text()).unwrap();
    let mut references = 0;
    visit(&document, &mut |reference| {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
        references += 1;
    });
    assert!(references > 100);
}

fn visit(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                found(reference);
            }
            object.values().for_each(|inner| visit(inner, found));
        }
        Value::Array(array) => array.iter().for_each(|inner| visit(inner, found)),
        _ => {}
    }
}
