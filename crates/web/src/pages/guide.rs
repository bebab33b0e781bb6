//! The guided path of the demonstration: what there is to try, step by step. Nothing is ticked by hand: each step is done
//! when what it is about has really happened, whoever of the four people did it.

use super::page::Page;
use crate::app::App;
use crate::problem::Problem;
use domain::file::Part;
use domain::notices::AlertStatus;
use domain::permission::Permission;
use maud::{Markup, html};
use store::rows;
use store::rows::Filter;

/// The most actions, cases, alerts and people that are looked at.
const MAX_LOOKED_AT: u32 = 100;

/// A step: the key of its text, where it is done, and whether it has been.
struct Step {
    text: &'static str,
    link: String,
    is_done: bool,
}

/// The path as it stands now; nothing outside the demonstration, and nothing once everything is done.
pub(super) async fn path(app: &App, page: &Page) -> Result<Markup, Problem> {
    if !page.demo {
        return Ok(html! {});
    }
    let steps = steps(app, page).await?;
    let done = steps.iter().filter(|step| step.is_done).count();
    let next = steps.iter().position(|step| !step.is_done);
    Ok(html! {
        details.card.guide open[next.is_some()] {
            summary { strong { (page.t("guide-title")) } " · " (page.ta("guide-done", &[("done", done.to_string()), ("all", steps.len().to_string())])) }
            ol.steps {
                @for (number, step) in steps.iter().enumerate() {
                    li class=[step.is_done.then_some("done")] aria-current=[(next == Some(number)).then_some("step")] {
                        span aria-hidden="true" { (if step.is_done { "✓ " } else { "○ " }) }
                        @if step.is_done { span.hidden { (page.t("guide-is-done")) ": " } (page.t(step.text)) }
                        @else { a href=(step.link) { (page.t(step.text)) } }
                        @if next == Some(number) { p.hint { (page.t(&format!("{}-how", step.text))) } }
                    }
                }
            }
            @if next.is_none() { p { (page.t("guide-all-done")) } }
        }
    })
}

async fn steps(app: &App, page: &Page) -> Result<Vec<Step>, Problem> {
    let (store, scope) = (&app.desk.store, &page.session.caller.scope);
    let all = Filter::default();
    let cases = rows::cases::list(store, scope, &all, None, MAX_LOOKED_AT).await?.items;
    let notices = rows::notices::list(store, scope, &all, None, MAX_LOOKED_AT).await?.items;
    let actions = rows::actions::list(store, scope, &all, None, MAX_LOOKED_AT).await?.items;
    let taken = cases.iter().find(|listed| listed.row.owner.is_some());
    let of_case = taken.map_or_else(|| "/cases/next".to_owned(), |listed| format!("/cases/{}", listed.row.case));
    let approved = actions.iter().any(|listed| {
        let action = &listed.row.action;
        action.approvals.iter().any(|(_, approval)| approval.approver != action.proposed.proposer)
    });
    let verified = actions.iter().any(|listed| rows::actions::status(listed.row.action.state) == "verified");
    let newest = actions.first().map(|listed| format!("/actions/{}", listed.row.action.proposed.action));
    let of_action = newest.unwrap_or_else(|| "/actions".to_owned());
    let audit = if page.session.caller.may(Permission::AuditRead) { "/audit" } else { "/profile" };
    // An alert is answered by itself after a while: here it counts when somebody has the case.
    let answered = taken.is_some() && notices.iter().any(|listed| listed.row.status != AlertStatus::Active);
    let step = |text, link: &str, is_done| Step { text, link: link.to_owned(), is_done };
    Ok(vec![
        step("guide-enter", "/profile", true),
        step("guide-take", "/cases/next", taken.is_some()),
        step("guide-answer", &of_case, answered),
        step("guide-propose", &format!("{of_case}#key-p"), !actions.is_empty()),
        step("guide-approve", &of_action, approved),
        step("guide-verified", &of_action, verified),
        step("guide-journal", audit, journal_checked(app).await?),
    ])
}

/// Whether one of the people has had the journal checked.
async fn journal_checked(app: &App) -> Result<bool, Problem> {
    for listed in rows::users::list(&app.desk.store, &Filter::default(), None, MAX_LOOKED_AT).await?.items {
        if let Part::User(user) = app.desk.file(listed.account).await?.part
            && user.has_checked_journal
        {
            return Ok(true);
        }
    }
    Ok(false)
}
