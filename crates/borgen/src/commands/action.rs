//! `borgen action`: what stops a loss. Proposed by one person, approved by another; what changes things at Microsoft
//! only happens with `--yes` and says before which call it makes. Talks to a server.

use super::columns::{ACTION, ACTIONS};
use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::remote::{Answer, BASE, Remote, query};
use crate::table::at;
use clap::Subcommand;
use secrecy::SecretString;
use serde_json::{Value, json};

/// The commands about actions.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// The actions, those that wait for approval first
    List {
        /// In the words of the query bar: status:proposed customer:ID
        filter: Vec<String>,
        /// The most actions to show
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// One action: what it touches, what it costs, who has to approve, where it is
    Show {
        /// The action
        #[arg(value_parser = forms::id)]
        action: String,
    },
    /// Propose a playbook for a case
    Propose {
        /// The case
        #[arg(value_parser = forms::id)]
        case: String,
        /// The playbook; else the one the case suggests
        #[arg(long)]
        playbook: Option<String>,
        /// An Azure subscription, when not those the playbook reaches; may be given several times
        #[arg(long = "target", value_name = "AZURE_SUBSCRIPTION", value_parser = forms::id)]
        targets: Vec<String>,
        /// The emergency class: two Admin agents, or one after an unanswered page
        #[arg(long)]
        emergency: bool,
        /// Why, in your words
        #[arg(long)]
        note: Option<String>,
    },
    /// Approve an action as it stands; without --yes it is only shown
    Approve {
        /// The action
        #[arg(value_parser = forms::id)]
        action: String,
        /// Do it
        #[arg(long, short)]
        yes: bool,
        /// The parameters you saw, when not those it has now
        #[arg(long, value_name = "HASH")]
        parameters: Option<String>,
        /// What your authenticator app shows: approving demands it
        #[arg(long, env = "BORGEN_CODE", hide_env_values = true)]
        code: Option<String>,
    },
    /// Say no
    Reject {
        /// The action
        #[arg(value_parser = forms::id)]
        action: String,
        /// Why, in your words
        #[arg(long)]
        note: Option<String>,
    },
    /// Withdraw a proposal, or stop what is not yet done
    Stop {
        /// The action
        #[arg(value_parser = forms::id)]
        action: String,
    },
    /// Propose to undo an action; without --yes it is only shown
    Revert {
        /// The action
        #[arg(value_parser = forms::id)]
        action: String,
        /// The emergency class: two Admin agents, or one after an unanswered page
        #[arg(long)]
        emergency: bool,
        /// Do it
        #[arg(long, short)]
        yes: bool,
    },
    /// Say that you have seen the page about an emergency, and decide: nobody else is woken
    Acknowledge {
        /// The action
        #[arg(value_parser = forms::id)]
        action: String,
    },
    /// Say that you reviewed what was done without a second person
    Review {
        /// The action
        #[arg(value_parser = forms::id)]
        action: String,
    },
}

/// Runs a command about actions.
pub(crate) async fn run(console: &Console, command: Action) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    match command {
        Action::List { filter, limit } => {
            let filter =
                if filter.is_empty() { String::new() } else { format!("&filter={}", query(&filter.join(" "))) };
            let items = remote.list(&format!("/actions?maxpagesize={}{filter}", limit.clamp(1, 1_000)), limit).await?;
            console.list(&items, ACTIONS)?;
        }
        Action::Show { action } => {
            console.one(&remote.get(&format!("/actions/{}", query(&action))).await?.body, ACTION)?;
        }
        Action::Propose { case, playbook, targets, emergency, note } => {
            return propose(console, &remote, &case, playbook, targets, emergency, note).await;
        }
        Action::Approve { action, yes, parameters, code } => {
            return approve(console, &remote, &action, yes, parameters, code).await;
        }
        Action::Reject { action, note } => {
            verb(&remote, &action, "reject", &json!({"note": note})).await?;
            console.say("action-rejected", &[("action", &action)]);
        }
        Action::Stop { action } => {
            let before = verb(&remote, &action, "stop", &json!({})).await?;
            console.say(stopped(&before), &[("action", &action)]);
        }
        Action::Revert { action, emergency, yes } => return revert(console, &remote, &action, emergency, yes).await,
        Action::Acknowledge { action } => {
            verb(&remote, &action, "acknowledge", &json!({})).await?;
            console.say("action-acknowledged", &[("action", &action)]);
        }
        Action::Review { action } => {
            verb(&remote, &action, "review", &json!({})).await?;
            console.say("action-reviewed", &[("action", &action)]);
        }
    }
    Ok(Exit::Done)
}

async fn propose(
    console: &Console,
    remote: &Remote<'_>,
    case: &str,
    playbook: Option<String>,
    targets: Vec<String>,
    emergency: bool,
    note: Option<String>,
) -> anyhow::Result<Exit> {
    let now = remote.get(&format!("/cases/{}", query(case))).await?;
    let suggested = || Some(at(&now.body, "playbook")).filter(|name| !name.is_empty());
    let Some(playbook) = playbook.or_else(suggested) else {
        return Err(console.fail(Exit::Usage, "no-playbook-suggested", &[("case", &case)]));
    };
    let class = if emergency { "emergency" } else { "normal" };
    let targets = Some(targets).filter(|targets| !targets.is_empty());
    let body = json!({"playbook": playbook, "class": class, "note": note, "targets": targets});
    let proposed = remote.change(&format!("/cases/{}:propose", query(case)), now.etag.as_deref(), &body).await?.body;
    console.one(&proposed, ACTION)?;
    console.say("action-proposed", &[("action", &at(&proposed, "id"))]);
    Ok(Exit::Done)
}

async fn approve(
    console: &Console,
    remote: &Remote<'_>,
    action: &str,
    yes: bool,
    parameters: Option<String>,
    code: Option<String>,
) -> anyhow::Result<Exit> {
    let path = format!("/actions/{}", query(action));
    let now = remote.get(&path).await?;
    let parameters = parameters.unwrap_or_else(|| at(&now.body, "parameters"));
    let body = json!({"parameters": parameters});
    if !yes {
        return show_only(console, &now, &format!("{path}:approve"), &body);
    }
    let proof = proof(remote, code).await?;
    let approved = remote.change_proved(&format!("{path}:approve"), now.etag.as_deref(), &body, proof).await?.body;
    if at(&approved, "status") == "proposed" {
        console.say("action-awaits-another", &[("action", &action)]);
        return Ok(Exit::AwaitsApproval);
    }
    if at(&approved, "blastRadius.widened") == "true" {
        console.warn("action-widened", &[]);
    }
    console.say("action-approved", &[("action", &action)]);
    Ok(Exit::Done)
}

/// What is said when an action is stopped, by what it was before: of a mere proposal Microsoft took nothing.
fn stopped(before: &Value) -> &'static str {
    if at(before, "status") == "proposed" { "action-withdrawn" } else { "action-stopped" }
}

/// The proof for a code of the authenticator app; without one the server says what is wanted.
pub(crate) async fn proof(remote: &Remote<'_>, code: Option<String>) -> anyhow::Result<Option<SecretString>> {
    match code {
        Some(code) => remote.reauthenticate(&code).await.map(Some),
        None => Ok(None),
    }
}

async fn revert(
    console: &Console,
    remote: &Remote<'_>,
    action: &str,
    emergency: bool,
    yes: bool,
) -> anyhow::Result<Exit> {
    let path = format!("/actions/{}", query(action));
    let now = remote.get(&path).await?;
    let body = json!({"class": if emergency { "emergency" } else { "normal" }});
    if !yes {
        return show_only(console, &now, &format!("{path}:revert"), &body);
    }
    let proposed = remote.change(&format!("{path}:revert"), now.etag.as_deref(), &body).await?.body;
    console.one(&proposed, ACTION)?;
    console.say("action-proposed", &[("action", &at(&proposed, "id"))]);
    Ok(Exit::AwaitsApproval)
}

/// Shows what would happen and the call that would be made.
fn show_only(console: &Console, now: &Answer, path: &str, body: &Value) -> anyhow::Result<Exit> {
    console.one(&now.body, ACTION)?;
    console.say("would-call", &[("call", &format!("POST {BASE}{path} {body}"))]);
    Ok(Exit::Done)
}

/// Does something with an action, and gives back how it was before.
async fn verb(remote: &Remote<'_>, action: &str, verb: &str, body: &Value) -> anyhow::Result<Value> {
    let path = format!("/actions/{}", query(action));
    let now = remote.get(&path).await?;
    remote.change(&format!("{path}:{verb}"), now.etag.as_deref(), body).await?;
    Ok(now.body)
}

#[cfg(test)]
mod tests {
    use super::stopped;
    use serde_json::json;

    #[test]
    fn stopping_a_mere_proposal_says_nothing_of_what_microsoft_took() {
        assert_eq!(stopped(&json!({"status": "proposed"})), "action-withdrawn");
        assert_eq!(stopped(&json!({"status": "released"})), "action-stopped");
    }
}
