//! The caller itself.

use crate::world::World;
use domain::permission::Role;
use serde_json::json;

#[tokio::test]
async fn the_caller_learns_what_it_may_do() {
    let world = World::quiet().await;
    let biller = world.person(&[Role::BillingAdministrator]).await;
    let me = world.get("/api/v1/me").by(&biller).header("accept-language", "sv").send().await.is(200).json();
    let may = [
        "customer_read",
        "contact_read",
        "contact_write",
        "action_propose",
        "action_approve",
        "policy_read",
        "view_share",
    ];
    assert_eq!(me["permissions"], json!(may));
    assert_eq!((&me["id"], &me["token"]), (&json!(biller.account.to_string()), &json!(biller.token.to_string())));
    assert_eq!((&me["language"], &me["name"]["value"]), (&json!("sv"), &json!("Åsa Ek")));
}
