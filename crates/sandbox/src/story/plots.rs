//! The plots: which operations, in which order and with which bodies, make up each kind of story.

use serde_json::{Value, json};

use crate::story::Plot;
use crate::story::scene::{Act, Scene};

const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

/// Plays a plot on its stage.
pub(crate) fn play(scene: &mut Scene, plot: Plot) {
    match plot {
        Plot::GpuBurst => gpu_burst(scene),
        Plot::BatchCompute => batch_compute(scene),
        Plot::OwnerTakeover => owner_takeover(scene),
        Plot::MailForwarding => mail_forwarding(scene),
        Plot::SubscriptionMoved => subscription_moved(scene),
        Plot::PlannedPeak => planned_peak(scene),
    }
}

fn gpu_burst(scene: &mut Scene) {
    raise_quota(scene);
    new_group(scene);
    let machines = scene.draw.between(4, 12);
    for number in 0..machines {
        scene.pass(15, 70);
        machine(scene, &format!("vm{number:02}"));
    }
    let mined = scene.draw.per_mille(500);
    scene.alert(if mined { "CryptoMining" } else { "VM_AnomalousDeployment" }, "high", "high");
}

fn batch_compute(scene: &mut Scene) {
    raise_quota(scene);
    new_group(scene);
    scene.pass(20, 90);
    if scene.draw.per_mille(500) {
        batch_pools(scene);
    } else {
        learning_compute(scene);
    }
}

fn batch_pools(scene: &mut Scene) {
    let account = format!("providers/Microsoft.Batch/batchAccounts/b{}", scene.draw.between(1_000, 9_999));
    let place = json!({"location": scene.region});
    scene.act(&Act::plain("Microsoft.Batch/batchAccounts/write", &account).with_request(place));
    for number in 0..scene.draw.between(1, 4) {
        scene.pass(30, 120);
        let pool = format!("{account}/pools/p{number}");
        let nodes = scene.draw.between(8, 60);
        let body = json!({"properties": {
            "vmSize": scene.size,
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
        }});
        let act = Act::plain("Microsoft.Batch/batchAccounts/pools/write", &pool);
        let id = scene.act(&act.with_request(body.clone()).with_response(body));
        scene.run(id, "Microsoft.Batch/batchAccounts/pools");
    }
    scene.alert("AzureBatch_AnomalousDeployment", "high", "medium");
}

fn learning_compute(scene: &mut Scene) {
    let workspace = "providers/Microsoft.MachineLearningServices/workspaces/ws1";
    let place = json!({"location": scene.region});
    scene.act(&Act::plain("Microsoft.MachineLearningServices/workspaces/write", workspace).with_request(place));
    for number in 0..scene.draw.between(2, 6) {
        scene.pass(30, 120);
        let compute = format!("{workspace}/computes/c{number}");
        let body = json!({"location": scene.region, "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": scene.size, "scaleSettings": {"maxNodeCount": 20, "minNodeCount": 10}},
        }});
        let act = Act::plain("Microsoft.MachineLearningServices/workspaces/computes/write", &compute);
        let id = scene.act(&act.with_request(body.clone()).with_response(body));
        scene.run(id, "Microsoft.MachineLearningServices/workspaces/computes");
    }
    scene.alert("AzureMachineLearning_AnomalousDeployment", "high", "medium");
}

fn owner_takeover(scene: &mut Scene) {
    let grant = format!("//providers/Microsoft.Authorization/roleAssignments/{}", scene.draw.guid());
    let stranger = scene.draw.guid();
    let properties = json!({
        "roleDefinitionId": format!("/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}", scene.subscription),
        "principalId": stranger.to_string(),
        "principalType": "User",
        "scope": format!("/subscriptions/{}", scene.subscription),
    });
    let act = Act::plain("Microsoft.Authorization/roleAssignments/write", &grant);
    scene.act(&act.with_request(json!({"properties": properties})).with_response(json!({"properties": properties})));
    scene.pass(40, 150);
    remove_partner(scene);
    scene.pass(20, 90);
    let settings = "//providers/Microsoft.Insights/diagnosticSettings/to-borgpartner";
    scene.act(&Act::plain("Microsoft.Insights/diagnosticSettings/delete", settings));
    scene.pass(20, 90);
    scene.act(&Act::plain("Microsoft.Consumption/budgets/delete", "//providers/Microsoft.Consumption/budgets/monthly"));
    scene.pass(20, 90);
    raise_quota(scene);
    new_group(scene);
    for number in 0..scene.draw.between(2, 5) {
        scene.pass(30, 120);
        machine(scene, &format!("node{number}"));
    }
    scene.alert("ARM_SuspiciousOperations", "high", "medium");
}

fn mail_forwarding(scene: &mut Scene) {
    let stranger = format!("collector{}@mail.example", scene.draw.between(10, 999));
    let user = scene.person.user.clone();
    scene.mail(
        "New-InboxRule",
        vec![
            ("Name", "..".to_owned()),
            ("ForwardTo", stranger.clone()),
            ("SubjectOrBodyContainsWords", "invoice;faktura;bankgiro".to_owned()),
            ("DeleteMessage", "True".to_owned()),
            ("StopProcessingRules", "True".to_owned()),
        ],
    );
    scene.pass(60, 240);
    scene.mail(
        "Set-Mailbox",
        vec![
            ("Identity", user),
            ("ForwardingSmtpAddress", format!("smtp:{stranger}")),
            ("DeliverToMailboxAndForward", "False".to_owned()),
        ],
    );
    scene.pass(120, 600);
    raise_quota(scene);
    scene.alert("ARM_SuspiciousOperations", "medium", "medium");
}

fn subscription_moved(scene: &mut Scene) {
    remove_partner(scene);
    scene.pass(60, 240);
    let target = scene.draw.guid();
    let mut act = Act::plain("Microsoft.Subscription/updateTenant/action", "");
    act.message = Some(format!(
        "The subscription {} was moved from tenant {} to tenant {target}",
        scene.subscription, scene.tenant
    ));
    scene.act(&act);
    scene.alert("ARM_SuspiciousOperations", "high", "high");
}

fn planned_peak(scene: &mut Scene) {
    let deployment = "providers/Microsoft.Resources/deployments/season-peak";
    scene.act(&Act::plain("Microsoft.Resources/deployments/write", deployment));
    for number in 0..scene.draw.between(2, 4) {
        scene.pass(120, 400);
        machine(scene, &format!("peak{number}"));
    }
    scene.alert("ARM_AnomalousResourceConsumption", "medium", "low");
}

fn machine(scene: &mut Scene, name: &str) {
    let path = format!("providers/Microsoft.Compute/virtualMachines/{name}");
    let body: Value = json!({
        "name": name,
        "location": scene.region,
        "properties": {"hardwareProfile": {"vmSize": scene.size}},
    });
    let act = Act::plain("Microsoft.Compute/virtualMachines/write", &path);
    let id = scene.act(&act.with_request(body.clone()).with_response(body));
    scene.run(id, "Microsoft.Compute/virtualMachines");
}

fn new_group(scene: &mut Scene) {
    scene.pass(10, 60);
    let place = json!({"location": scene.region});
    let path = format!("//resourceGroups/{}", scene.group);
    let act = Act::plain("Microsoft.Resources/subscriptions/resourceGroups/write", &path);
    scene.act(&act.with_request(place));
}

fn raise_quota(scene: &mut Scene) {
    let path = format!(
        "//providers/Microsoft.Compute/locations/{}/providers/Microsoft.Quota/quotas/standardNCADSA100v4Family",
        scene.region
    );
    let body = json!({"properties": {"limit": {"limitObjectType": "LimitValue", "value": 960}}});
    scene.act(&Act::plain("Microsoft.Quota/quotas/write", &path).with_request(body));
}

/// Removes the partner's Owner assignment (the `AdminAgents` group, a foreign principal).
fn remove_partner(scene: &mut Scene) {
    let path = format!("//providers/Microsoft.Authorization/roleAssignments/{}", scene.draw.guid());
    let body = json!({"properties": {
        "roleDefinitionId": format!("/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}", scene.subscription),
        "principalId": scene.draw.guid().to_string(),
        "principalType": "ForeignGroup",
        "tenantId": scene.partner_tenant.to_string(),
        "scope": format!("/subscriptions/{}", scene.subscription),
    }});
    scene.act(&Act::plain("Microsoft.Authorization/roleAssignments/delete", &path).with_response(body));
}
