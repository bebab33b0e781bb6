//! The people who work here, and machines: who they are, their roles, which customers they see, and how they come in.

use super::form::{self, Form};
use super::names::Names;
use super::page::Page;
use super::pieces::{personal, role_names};
use crate::app::App;
use crate::body::{BasedOn, Ids, Sent};
use crate::present::MoneyView;
use crate::problem::{Code, Problem};
use crate::sign_in::enrolling::invited;
use crate::users::{ApprovalLimit, NewUser, ScopeView, UserPatch, UserView};
use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use domain::permission::Role;
use maud::{Markup, html};
use std::collections::BTreeSet;
use store::rows;

/// Where the page is.
const HERE: &str = "/users";
/// The most users that are shown; a partner with more finds them in the interface for programs.
const MAX_SHOWN: u32 = 500;
/// The most resellers that are named for one user.
const MAX_NAMED: usize = 20;

/// The page.
pub(crate) async fn show(State(app): State<App>, page: Page) -> Result<Response, Problem> {
    let main = main(&app, &page, &Form::default(), None).await?;
    Ok(page.show("users-title", &main))
}

/// Adds somebody. A person is asked in at once when a name to sign in under is given.
pub(crate) async fn add(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let new = NewUser { name: form.text("name").to_owned(), roles: roles(&form), scope: scope(&form)? };
    match crate::users::add(State(app.clone()), page.session.clone(), Sent(new)).await {
        Ok(_) => Ok(page.done(HERE, "done-user-added")),
        Err(problem) => again(&app, &page, form, problem).await,
    }
}

/// Asks somebody in: the link is shown this once.
pub(crate) async fn invite(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    match invited(&app, &page.session, ids.first()?, form.text("signInName")).await {
        Ok(link) => {
            let main = html! {
                h1 { (page.t("invited-title")) }
                p { (page.t("invited-text")) }
                p { code.secret { (link.path) } }
                p { a.button.primary href=(HERE) { (page.t("users-back")) } }
            };
            Ok(page.show("invited-title", &main))
        }
        Err(problem) => again(&app, &page, form, problem).await,
    }
}

/// Lets somebody come in, or no longer.
pub(crate) async fn access(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let patch = UserPatch { roles: None, scope: None, active: Some(form.has("active", "true")), approvals: None };
    changed(&app, &page, ids, patch, form).await
}

/// Gives somebody other roles and another scope.
pub(crate) async fn change(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let approvals = limit(&app, &page, &form).await?;
    let patch = UserPatch { roles: Some(roles(&form)), scope: Some(scope(&form)?), active: None, approvals };
    changed(&app, &page, ids, patch, form).await
}

async fn changed(app: &App, page: &Page, ids: Ids, patch: UserPatch, form: Form) -> Result<Response, Problem> {
    let session = page.session.clone();
    match crate::users::change(State(app.clone()), session, ids, BasedOn::Any, Sent(patch)).await {
        Ok(_) => Ok(page.done(HERE, "done-user-changed")),
        Err(problem) => again(app, page, form, problem).await,
    }
}

fn roles(form: &Form) -> BTreeSet<Role> {
    form.all("roles").iter().filter_map(|word| Role::from_word(word)).collect()
}

/// The most that somebody may approve, as it was typed in the policy's currency; without limit when left empty.
async fn limit(app: &App, page: &Page, form: &Form) -> Result<Option<ApprovalLimit>, Problem> {
    let Some(amount) = form.maybe("approves") else { return Ok(Some(ApprovalLimit::default())) };
    let policy = app.policy(page.formats.now).await?.ok_or(Code::NoPolicy)?;
    // Groups of digits and the decimal sign as people of the language write them.
    let amount: String = amount.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{a0}').collect();
    let amount = amount.replace(',', ".");
    let up_to = MoneyView { amount, currency: policy.currency.code().to_owned() };
    Ok(Some(ApprovalLimit { up_to: Some(up_to) }))
}

/// Everything, or the resellers and customers whose ids were typed.
fn scope(form: &Form) -> Result<ScopeView, Problem> {
    let ids = |name: &str| -> Result<BTreeSet<uuid::Uuid>, Problem> {
        let typed = form.text(name).split([',', ' ', '\r', '\n']).filter(|id| !id.is_empty());
        let read = |id: &str| id.parse().map_err(|_| Problem::field(name, "it is no id"));
        typed.map(read).collect()
    };
    let all = form.has("scope", "all");
    if !all && !form.has("scope", "only") {
        return Err(Problem::field("scope", "say whether it is every customer or only some"));
    }
    let (resellers, customers) = if all { Default::default() } else { (ids("resellers")?, ids("customers")?) };
    Ok(ScopeView { all, resellers, customers })
}

async fn again(app: &App, page: &Page, form: Form, problem: Problem) -> Result<Response, Problem> {
    let status = problem.code.status();
    let main = main(app, page, &form.with(problem), None).await?;
    Ok(page.show_as(status, &page.t("users-title"), &main))
}

async fn main(app: &App, page: &Page, form: &Form, after: Option<&rows::Cursor>) -> Result<Markup, Problem> {
    let filter = rows::Filter::default();
    let mut users = Vec::new();
    let mut names = Names::new(app, page).of_resellers();
    for listed in rows::users::list(&app.desk.store, &filter, after, MAX_SHOWN).await?.items {
        let user = UserView::of(app, listed).await;
        let portfolio = portfolio(page, &user.scope, &mut names).await?;
        users.push((user, portfolio));
    }
    Ok(html! {
        h1 { (page.t("users-title")) }
        (form::problem(page, form))
        div.scroll {
            table.cards {
                thead { tr {
                    th scope="col" { (page.t("users-name")) }
                    th scope="col" { (page.t("users-roles")) }
                    th scope="col" { (page.t("users-scope")) }
                    th scope="col" { (page.t("users-entry")) }
                    th scope="col" { (page.t("users-acts")) }
                } }
                tbody { @for (user, portfolio) in &users { (row(app, page, user, portfolio)) } }
            }
        }
        section aria-labelledby="add-title" {
            h2 id="add-title" { (page.t("users-add")) }
            form.narrow method="post" action=(HERE) {
                (form::hidden(app, page))
                (form::text(page, form, "name", "users-name", "text", 200))
                (choices(page, &[], None, None))
                button.primary type="submit" { (page.t("users-add-send")) }
            }
        }
    })
}

/// Roles and scope, as fields that hold what is so now. Of somebody new nothing is assumed.
fn choices(page: &Page, held: &[Role], scope: Option<&ScopeView>, limit: Option<&str>) -> Markup {
    let sees_all = scope.map(|scope| scope.all);
    let ids = |of: fn(&ScopeView) -> &BTreeSet<uuid::Uuid>| {
        scope.map(|scope| of(scope).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")).unwrap_or_default()
    };
    let (resellers, customers) = (ids(|scope| &scope.resellers), ids(|scope| &scope.customers));
    html! {
        fieldset.field {
            legend { (page.t("users-roles")) }
            @for role in Role::ALL {
                label.choice {
                    input type="checkbox" name="roles" value=(role.word()) checked[held.contains(&role)];
                    (role_names(page, &[role]))
                }
            }
        }
        fieldset.field {
            legend { (page.t("users-scope")) }
            label.choice { input type="radio" name="scope" value="all" required checked[sees_all == Some(true)]; (page.t("users-scope-all")) }
            label.choice { input type="radio" name="scope" value="only" required checked[sees_all == Some(false)]; (page.t("users-scope-only")) }
            label { (page.t("users-resellers")) input type="text" name="resellers" maxlength="4000" value=(resellers); }
            label { (page.t("users-customers")) input type="text" name="customers" maxlength="4000" value=(customers); }
        }
        // Who is new has no limit to be changed yet.
        @if let Some(limit) = limit {
            div.field {
                label { (page.t("users-approves")) input type="text" inputmode="decimal" name="approves" maxlength="30" value=(limit); }
                p.hint { (page.t("users-approves-hint")) }
            }
        }
    }
}

/// Which customers somebody sees: how many, and of which resellers by name.
async fn portfolio(page: &Page, scope: &ScopeView, names: &mut Names<'_>) -> Result<Markup, Problem> {
    if scope.all {
        return Ok(html! { (page.t("users-scope-all")) });
    }
    let mut resellers = Vec::new();
    for reseller in scope.resellers.iter().take(MAX_NAMED) {
        resellers.push(names.reseller(AccountId(*reseller)).await?);
    }
    let count = scope.resellers.len().saturating_add(scope.customers.len());
    let more = scope.resellers.len().saturating_sub(resellers.len());
    Ok(html! {
        (page.ta("users-scope-some", &[("count", count.to_string())]))
        @if !resellers.is_empty() {
            ul.plain {
                @for reseller in &resellers { li { (reseller) } }
                @if more > 0 { li { (page.ta("users-scope-more", &[("count", more.to_string())])) } }
            }
        }
    })
}

fn row(app: &App, page: &Page, user: &UserView, portfolio: &Markup) -> Markup {
    let is_self = user.id == page.session.caller.user.0;
    let below = format!("{HERE}/{}", user.id);
    html! {
        tr {
            td.long { span.name { (personal(page, &user.name)) } @if let Some(name) = &user.sign_in_name { p.hint { (personal(page, name)) } } }
            td data-name=(page.t("users-roles")) { (role_names(page, &user.roles)) }
            td data-name=(page.t("users-scope")) {
                (portfolio)
                @if let Some(limit) = &user.approves_up_to { p.hint { (page.ta("users-approves-to", &[("money", format!("{} {}", limit.amount, limit.currency))])) } }
            }
            td data-name=(page.t("users-entry")) { (page.word("entry", user.entry.word())) @if !user.active { p.hint { (page.t("users-inactive")) } } }
            td {
                @if !is_self {
                    @if user.entry.is_not_here_yet() {
                        form method="post" action={ (below) "/invite" } {
                            (form::hidden(app, page))
                            label { (page.t("users-sign-in-name")) input type="text" name="signInName" maxlength="200" required; }
                            button type="submit" { (page.t("users-invite")) }
                        }
                    }
                    form method="post" action={ (below) "/access" } {
                        (form::hidden(app, page))
                        input type="hidden" name="active" value=(!user.active);
                        button type="submit" { (page.t(if user.active { "users-shut-out" } else { "users-let-in" })) }
                    }
                    details {
                        summary { (page.t("users-change")) }
                        form method="post" action={ (below) "/change" } {
                            (form::hidden(app, page))
                            (choices(page, &user.roles, Some(&user.scope), Some(user.approves_up_to.as_ref().map_or("", |limit| limit.amount.as_str()))))
                            button type="submit" { (page.t("users-change-send")) }
                        }
                    }
                }
            }
        }
    }
}
