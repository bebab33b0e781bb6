//! What a caller may see is no matter of the single route: every route that reads is asked by somebody of another
//! reseller with every id there is. A new route is in the table, so it is asked as well.

use crate::world::{Person, World};
use domain::permission::Role;
use http::Method;
use web::{Access, Listed, table};

/// The address of a route with this id wherever it wants one.
pub(crate) fn with_id(route: &Listed, id: &str) -> String {
    let mut path = String::new();
    let mut rest = route.path.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str(id);
        rest = after.split_once('}').unwrap().1;
    }
    path.push_str(rest);
    path
}

/// Asks every route that reads for one's own customers, with each of the ids; gives the addresses whose answer tells of
/// one of them.
async fn told_to(world: &World, person: &Person, role: Role, ids: &[String]) -> Vec<String> {
    let mut telling = Vec::new();
    for route in table() {
        let Access::Needs(needs) = route.access else { continue };
        if route.method != Method::GET || needs.whole_partner || !needs.roles().contains(&role) {
            continue;
        }
        let asked: Vec<String> = if route.path.contains('{') {
            ids.iter().map(|id| with_id(&route, id)).collect()
        } else {
            vec![route.path]
        };
        for path in asked {
            let answer = world.get(&path).by(person).send().await;
            // An answer may repeat the address that it was asked at.
            let text = answer.text.replace(&path, "");
            let told = ids.iter().any(|id| !path.contains(id.as_str()) && text.contains(id.as_str()));
            let opened = answer.status.is_success() && ids.iter().any(|id| path.contains(id.as_str()));
            if told || opened {
                telling.push(path);
            }
        }
    }
    telling
}

#[tokio::test]
async fn no_route_that_reads_tells_of_a_foreign_customer_whatever_id_it_is_asked_with() {
    let world = World::mined().await;
    let (case, answer) = world.case().await;
    let own = world.of_reseller(Role::AdminAgent, world.reseller).await;
    let (_, proposed) = world.propose(&own).await;
    let id = |of: &serde_json::Value| of.as_str().unwrap().to_owned();
    let ids = [
        world.customer.to_string(),
        case.rsplit('/').next().unwrap().to_owned(),
        id(&answer.json()["signalList"][0]["id"]),
        id(&proposed.json()["id"]),
        "alert-1".to_owned(),
    ];
    // That the ids do open something shows that the silence below means something.
    let seen = told_to(&world, &own, Role::AdminAgent, &ids).await;
    assert!(seen.len() > 20, "whoever may see them sees too little: {seen:?}");
    for role in Role::ALL {
        let foreign = world.of_reseller(role, world.other_reseller).await;
        let told = told_to(&world, &foreign, role, &ids).await;
        assert!(told.is_empty(), "told to a foreign {}: {told:?}", role.word());
    }
}
