//! The views that people share, so that everybody finds them. A person's own are in its file.

use super::query::{self, Filter, Listed};
use super::{Columns, Kind, Step};
use crate::error::StoreError;
use crate::sql::Statement;
use crate::store::Store;
use domain::body::Body;
use domain::file::Part;
use domain::ids::ViewId;
use domain::permission::Scope;
use domain::sealed::Sealed;
use domain::views::{View, ViewOf};
use serde::{Deserialize, Serialize};

/// The most shared views that the navigation has.
const MAX_SHARED: u32 = 100;

/// A view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewRow {
    /// The view.
    pub view: ViewId,
    /// The list it is of.
    pub list: ViewOf,
    /// Its name.
    pub name: Sealed<String>,
    /// The filter that it is.
    pub filter: String,
}

pub(super) fn project(step: &Step<'_>) -> Vec<Statement> {
    let Part::User(user) = &step.after.part else { return Vec::new() };
    let of_body = |body: &Body| match body {
        Body::ViewSaved(saved) => user.desk.views.get(&saved.view).map(|view| statement(step, saved.view, view)),
        Body::ViewDeleted(deleted) => Some(step.restate(Kind::View, &deleted.view.to_string(), "deleted")),
        _ => None,
    };
    step.facts.iter().filter_map(|fact| of_body(&fact.body)).collect()
}

fn statement(step: &Step<'_>, id: ViewId, view: &View) -> Statement {
    let status = if view.shared { "shared" } else { "private" };
    let row = ViewRow { view: id, list: view.list, name: view.name.clone(), filter: view.filter.clone() };
    let columns = Columns { status, story: view.list.word().to_owned(), ..Columns::default() };
    step.row(Kind::View, &id.to_string(), columns, &row)
}

/// The views that are shared; `account` is whose each is.
pub async fn shared(store: &Store) -> Result<Vec<Listed<ViewRow>>, StoreError> {
    let filter = Filter { status: "shared".to_owned(), ..Filter::default() };
    Ok(query::list(store, Kind::View, &Scope::All, &filter, None, MAX_SHARED).await?.items)
}
