//! Today: what has to be decided now, and what does waiting cost?

use super::page::Page;
use crate::app::App;
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Response;
use maud::html;

/// The first page.
pub(crate) async fn show(State(_): State<App>, page: Page) -> Result<Response, Problem> {
    Ok(page.show("today-title", &html! { h1 { (page.t("today-title")) } }))
}
