//! Changing policy files: a draft that the form itself carries, checked place by place, tried on the real history, and
//! published by the role that may. Nothing is kept until it is published.

use super::contacts::instant;
use super::form::{self, Form};
use super::names::Names;
use super::page::Page;
use super::policies::{HERE, changed};
use super::{pieces, words};
use crate::app::App;
use crate::body::{BasedOn, Ids, Sent, etag};
use crate::policies::{Publish, bundle_of, publish, stored};
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use crate::what_if::{self, Amounts, Trial, Try};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::{AccountId, Hash};
use domain::permission::Permission as P;
use maud::{Markup, html};
use money::Money;
use policy::Bundle;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the form calls the names, and the texts, of files that differ from those it began with.
const NAMES: &str = "changed";
const TEXTS: &str = "content";

/// Which file is open.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Opened {
    #[serde(default)]
    file: String,
}

/// Files as somebody is changing them.
struct Draft {
    /// The policy that the draft began with.
    base: Hash,
    /// Every file as it would be.
    files: BTreeMap<String, String>,
    /// Those that differ.
    edited: BTreeMap<String, String>,
    /// The file that is open.
    open: String,
    /// What the check found, and what is set otherwise than in the policy in force.
    problems: Vec<policy::Problem>,
    changes: Vec<policy::Change>,
}

/// The files of a policy, to be changed.
pub(crate) async fn edit(
    State(app): State<App>,
    page: Page,
    ids: Ids,
    Query(opened): Query<Opened>,
) -> Result<Response, Problem> {
    let draft = draft(&app, ids.first()?, &Form::default(), &opened.file).await?;
    shown(&app, &page, &draft, &Form::default(), None).await
}

/// The draft again: another file is opened, or everything is checked.
pub(crate) async fn check(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let draft = sent(&app, &form).await?;
    shown(&app, &page, &draft, &form, None).await
}

/// Tries the draft on the real history.
pub(crate) async fn attempt(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let draft = sent(&app, &form).await?;
    let minutes = form.maybe("minutes").map(|text| text.parse::<u32>());
    let Ok(approved_after_minutes) = minutes.transpose() else {
        let form = form.with(Problem::field("minutes", "it is no whole number"));
        return shown(&app, &page, &draft, &form, None).await;
    };
    let files = Some(draft.files.clone());
    let wanted = Try { files, archive: None, customers: None, after: form.maybe("after"), approved_after_minutes };
    match what_if::run(State(app.clone()), page.session.clone(), Sent(wanted)).await {
        Ok(axum::Json(trial)) => shown(&app, &page, &draft, &form, Some(&trial)).await,
        Err(problem) => shown(&app, &page, &draft, &form.with(problem), None).await,
    }
}

/// Publishes the draft.
pub(crate) async fn put(
    State(app): State<App>,
    page: Page,
    proved: Reauthenticated,
    form: Form,
) -> Result<Response, Problem> {
    let draft = sent(&app, &form).await?;
    let from = match instant(&page, &form, "from") {
        Ok(from) => from,
        Err(problem) => return shown(&app, &page, &draft, &form.with(problem), None).await,
    };
    let wanted = Publish { files: Some(draft.files.clone()), archive: None, from };
    let based_on = BasedOn::of(form.text(form::STATE_FIELD));
    match publish(State(app.clone()), page.session.clone(), based_on, proved, Sent(wanted)).await {
        Ok(_) => Ok(page.done(HERE, "done-policy-published")),
        Err(problem) => shown(&app, &page, &draft, &form.with(problem), None).await,
    }
}

/// The draft that a form carries.
async fn sent(app: &App, form: &Form) -> Result<Draft, Problem> {
    let base: Hash = form.text("base").parse().map_err(|_| Code::NotFound)?;
    draft(app, base, form, form.text("open")).await
}

async fn draft(app: &App, base: Hash, form: &Form, open: &str) -> Result<Draft, Problem> {
    let began = stored(app, base).await?.ok_or(Code::NotFound)?;
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let first: BTreeMap<String, String> =
        began.files().iter().map(|(name, bytes)| (name.clone(), text(bytes))).collect();
    let mut files = first.clone();
    let typed = form.all(NAMES).into_iter().zip(form.all(TEXTS));
    let current = form.maybe("file").map(|file| (file, form.text("text").to_owned()));
    for (name, text) in typed.chain(current) {
        // Browsers send the ends of lines in their own way.
        let text = text.replace("\r\n", "\n");
        if !text.trim().is_empty() || first.contains_key(&name) {
            files.insert(name, text);
        }
    }
    let edited = files.iter().filter(|(name, text)| first.get(*name) != Some(*text));
    let edited: BTreeMap<String, String> = edited.map(|(name, text)| (name.clone(), text.clone())).collect();
    let bundle = bundle_of(Some(files.clone()), None)?;
    let problems = bundle.check().err().unwrap_or_default();
    let open = if files.contains_key(open) { Some(open.to_owned()) } else { files.keys().next().cloned() };
    let open = open.unwrap_or_default();
    let changes = in_force(app).await?.map(|in_force| in_force.diff(&bundle)).unwrap_or_default();
    Ok(Draft { base, files, edited, open, problems, changes })
}

/// The files that decide now.
async fn in_force(app: &App) -> Result<Option<Bundle>, Problem> {
    match app.desk.policies.in_force(app.desk.clock.now()).await {
        Ok((epoch, _)) => stored(app, epoch.hash).await,
        Err(_) => Ok(None),
    }
}

async fn shown(app: &App, page: &Page, draft: &Draft, form: &Form, trial: Option<&Trial>) -> Result<Response, Problem> {
    let version = app.desk.store.head(AccountId::of_policy()).await?.map_or(0, |head| head.version);
    // What the form is based on stays what it was when the draft was begun.
    let state = form.maybe(form::STATE_FIELD).unwrap_or_else(|| etag(version));
    let trial = if let Some(trial) = trial {
        trial_card(app, page, trial).await?
    } else {
        html! {}
    };
    let main = html! {
        p { a href=(HERE) data-back { "← " (page.t("policies-title")) } }
        h1 { (page.t("draft-title")) }
        p.sub { (page.t("draft-text")) }
        (form::problem(page, form))
        @if form.problem().is_some_and(|problem| problem.code == Code::ReauthenticationNeeded) {
            p { a.button href="/prove?next=%2Fpolicies" target="_blank" rel="noopener" { (page.t("draft-prove")) } }
        }
        form method="post" action={ (HERE) "/draft" } {
            (form::hidden(app, page)) (form::state(&state))
            input type="hidden" name="base" value=(draft.base);
            @for (name, text) in draft.edited.iter().filter(|(name, _)| **name != draft.open) {
                input type="hidden" name=(NAMES) value=(name);
                // A field of several lines keeps them; it is hidden, and nobody types into it.
                textarea name=(TEXTS) hidden aria-hidden="true" tabindex="-1" { "\n" (text) }
            }
            (verdict(page, draft))
            (files(page, draft))
            (editor(page, draft))
            (ends(page, form))
        }
        section.card aria-labelledby="changes" {
            h2 id="changes" { (page.t("draft-changes")) }
            (changed(page, &draft.changes))
        }
        (trial)
    };
    let status = form.problem().map_or(StatusCode::OK, |problem| problem.code.status());
    Ok(page.show_as(status, &page.t("draft-title"), &main))
}

/// What the check found: every wrong place by file, line and column, with what to write instead.
fn verdict(page: &Page, draft: &Draft) -> Markup {
    html! {
        @if draft.problems.is_empty() {
            div.message.good role="status" { p { (page.t("draft-good")) } }
        } @else {
            div.message.bad role="alert" {
                p { strong { (page.ta("draft-wrong", &[("count", draft.problems.len().to_string())])) } }
                ul {
                    @for problem in &draft.problems {
                        li {
                            button type="submit" name="open" value=(problem.file) { (problem.file) ":" (problem.line) ":" (problem.column) }
                            " " (phrase(page, &problem.message))
                            @if let Some(hint) = &problem.hint { p.hint { (page.t("draft-hint")) ": " (phrase(page, hint)) } }
                            @if let Some(line) = line_of(draft, problem) { pre { (line) } }
                        }
                    }
                }
            }
        }
    }
}

/// A message of the check in the reader's language.
fn phrase(page: &Page, text: &str) -> Markup {
    let said = crate::phrases::said(page.language(), text);
    // What nobody has put into words is marked as the language that it is.
    html! { @if said.is_translated { (said.text) } @else { span lang="en" { (said.text) } } }
}

fn line_of(draft: &Draft, problem: &policy::Problem) -> Option<String> {
    let text = draft.files.get(&problem.file)?;
    text.lines().nth(problem.line.checked_sub(1)?).map(str::to_owned).filter(|line| !line.trim().is_empty())
}

fn files(page: &Page, draft: &Draft) -> Markup {
    html! {
        fieldset.field {
            legend { (page.t("draft-files")) }
            div.actions {
                @for name in draft.files.keys() {
                    button type="submit" name="open" value=(name) aria-pressed=(if *name == draft.open { "true" } else { "false" }) {
                        (name) @if draft.edited.contains_key(name) { " " span.state { (page.t("draft-edited")) } }
                    }
                }
            }
        }
    }
}

fn editor(page: &Page, draft: &Draft) -> Markup {
    let text = draft.files.get(&draft.open).cloned().unwrap_or_default();
    html! {
        div.field {
            input type="hidden" name="file" value=(draft.open);
            label for="text" { code { (draft.open) } }
            p.hint id="text-hint" { (page.t("draft-paste")) }
            // The first line break after the tag is not part of the text.
            textarea.code id="text" name="text" rows="28" spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off" aria-describedby="text-hint" { "\n" (text) }
        }
        div.field {
            label for="upload" { (page.t("draft-upload")) }
            p.hint id="upload-hint" { (page.t("draft-upload-hint")) }
            input id="upload" type="file" multiple accept=".toml" data-files=(NAMES) data-texts=(TEXTS) aria-describedby="upload-hint";
            span role="status" data-files-said=(page.t("draft-taken")) {}
        }
    }
}

/// What can be done with the draft: check it, try it, publish it.
fn ends(page: &Page, form: &Form) -> Markup {
    html! {
        div.card {
            h2 { (page.t("draft-ends")) }
            p { button.primary type="submit" { (page.t("draft-check")) } }
            (form::text(page, form, "minutes", "draft-minutes", "number", 6))
            p.hint { (page.t("draft-minutes-hint")) }
            p { button type="submit" formaction={ (HERE) "/try" } { (page.t("draft-try")) } }
            (form::text(page, form, "from", "draft-from", "datetime-local", 40))
            @let may = page.session.caller.may(P::PolicyPublish);
            p {
                button.danger type="submit" formaction={ (HERE) "/publish" } disabled[!may] { (page.t("draft-publish")) }
            }
            @if !may { p.hint { (page.ta("needs-role", &[("roles", pieces::role_names(page, &domain::permission::roles_allowing(P::PolicyPublish)))])) } }
        }
    }
}

/// What would have been otherwise, customer by customer, in money.
async fn trial_card(app: &App, page: &Page, trial: &Trial) -> Result<Markup, Problem> {
    let mut names = Names::new(app, page);
    let mut rows = Vec::new();
    for tried in &trial.value {
        let account = AccountId(tried.customer);
        let name = names.customer(account).await?;
        rows.push(html! {
            @for difference in &tried.differences {
                tr {
                    td { a.name href={ "/customers/" (account) } { (name) } }
                    td data-name=(page.t("trial-was")) { a href={ "/cases/" (difference.case) } { (amounts(page, difference.before.as_ref(), "trial-not-there")) } }
                    td data-name=(page.t("trial-would-be")) { (amounts(page, difference.after.as_ref(), "trial-not-there")) }
                    td.right data-name=(page.t("trial-lost-before")) { (pieces::money(page, difference.before.as_ref().and_then(|one| one.money))) }
                    td.right data-name=(page.t("trial-lost-after")) { (pieces::money(page, difference.after.as_ref().and_then(|one| one.money))) }
                }
            }
            @let [proposed, would_propose] = tried.proposed;
            @let [refused, would_refuse] = tried.refused;
            @if tried.dropped_answers > 0 || proposed != would_propose || refused != would_refuse {
                tr { td { span.name { (name) } } td colspan="4" { (counts(page, tried)) } }
            }
        });
    }
    let (before, after) = sums(trial);
    Ok(html! {
        section.card aria-labelledby="trial" {
            h2 id="trial" { (page.t("trial-title")) }
            p { (page.ta("trial-run", &[("count", trial.customers.to_string()), ("others", trial.value.len().to_string())])) }
            @if !trial.left_out.is_empty() { p.late { (page.ta("replay-left-out", &[("count", trial.left_out.len().to_string())])) } }
            @if rows.is_empty() { p { (page.t("trial-nothing")) } } @else {
                dl.facts {
                    (pieces::pair(page, "trial-lost-before", &pieces::money(page, before)))
                    (pieces::pair(page, "trial-lost-after", &pieces::money(page, after)))
                }
                div.scroll { table.cards {
                    thead { tr {
                        th scope="col" { (page.t("column-customer")) }
                        th scope="col" { (page.t("trial-was")) }
                        th scope="col" { (page.t("trial-would-be")) }
                        th.right scope="col" { (page.t("trial-lost-before")) }
                        th.right scope="col" { (page.t("trial-lost-after")) }
                    } }
                    tbody { @for row in &rows { (row) } }
                } }
            }
            p.hint { (page.t("trial-first-order")) }
        }
    })
}

/// What was lost in the cases that would be otherwise, before and after, where all of it is in one currency.
fn sums(trial: &Trial) -> (Option<Money>, Option<Money>) {
    let all = || trial.value.iter().flat_map(|tried| &tried.differences);
    let sum = |amounts: &mut dyn Iterator<Item = Money>| amounts.reduce(|sum, more| sum.plus(more).unwrap_or(sum));
    let money = |one: &Option<Amounts>| one.as_ref().and_then(|one| one.money);
    (sum(&mut all().filter_map(|one| money(&one.before))), sum(&mut all().filter_map(|one| money(&one.after))))
}

fn amounts(page: &Page, one: Option<&Amounts>, none: &str) -> Markup {
    html! {
        @match one {
            None => span.none { (page.t(none)) },
            Some(one) => {
                (words::story(page, &one.story)) " " (pieces::severity(page, one.severity))
                p.hint { (page.t("trial-opened")) " " (pieces::time(page, one.opened)) @if let Some(stopped) = one.stopped { " · " (page.t("trial-stopped")) " " (pieces::time(page, stopped)) } }
            },
        }
    }
}

fn counts(page: &Page, tried: &what_if::Tried) -> String {
    let [proposed, would_propose] = tried.proposed;
    let [refused, would_refuse] = tried.refused;
    let args = [
        ("proposed", proposed.to_string()),
        ("wouldpropose", would_propose.to_string()),
        ("refused", refused.to_string()),
        ("wouldrefuse", would_refuse.to_string()),
        ("dropped", tried.dropped_answers.to_string()),
    ];
    page.ta("trial-counts", &args)
}
