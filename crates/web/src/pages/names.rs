//! Names of customers and people as the reader may see them, each read once for a page.

use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::present::Personal;
use crate::problem::Problem;
use domain::file::Part;
use domain::ids::AccountId;
use maud::{Markup, html};
use std::collections::BTreeMap;
use store::rows;

/// How many characters of an id stand where no name can be shown.
const SHORT_ID_CHARS: usize = 8;

/// The names that one page shows.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    app: &'a App,
    page: &'a Page,
    customers: BTreeMap<AccountId, Personal<String>>,
    people: BTreeMap<AccountId, Personal<String>>,
    rules: BTreeMap<(AccountId, String), String>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(app: &'a App, page: &'a Page) -> Self {
        Self { app, page, customers: BTreeMap::new(), people: BTreeMap::new(), rules: BTreeMap::new() }
    }

    /// A customer's name, with what finds it where the reader may not read names.
    pub(crate) async fn customer(&mut self, account: AccountId) -> Result<Markup, Problem> {
        if !self.customers.contains_key(&account) {
            let scope = &self.page.session.caller.scope;
            let found = rows::customers::get(&self.app.desk.store, scope, account).await?;
            let name = match found {
                Some(listed) => self.app.reader(&self.page.session).open(account, &listed.row.name).await,
                None => Personal::Erased,
            };
            self.customers.insert(account, name);
        }
        Ok(shown(self.page, self.customers.get(&account), account, "customer-short"))
    }

    /// The title of a rule that found something at a customer; its id where no signal of it is seen.
    pub(crate) async fn rule(&mut self, account: AccountId, rule: &str) -> Result<String, Problem> {
        let key = (account, rule.to_owned());
        if let Some(title) = self.rules.get(&key) {
            return Ok(title.clone());
        }
        let filter = rows::Filter { story: rule.to_owned(), account: Some(account), ..rows::Filter::default() };
        let scope = &self.page.session.caller.scope;
        let seen = rows::signals::list(&self.app.desk.store, scope, &filter, None, 1).await?.items;
        let title = seen.first().map_or_else(|| rule.to_owned(), |one| super::signals::title(self.page, &one.row.rule));
        self.rules.insert(key, title.clone());
        Ok(title)
    }

    /// A colleague's name.
    pub(crate) async fn person(&mut self, account: AccountId) -> Result<Markup, Problem> {
        if account == self.page.session.caller.user {
            return Ok(html! { (self.page.t("yourself")) });
        }
        if !self.people.contains_key(&account) {
            let name = match self.app.desk.file(account).await?.part {
                Part::User(file) => self.app.reader(&self.page.session).open(account, &file.name).await,
                _ => Personal::Erased,
            };
            self.people.insert(account, name);
        }
        Ok(shown(self.page, self.people.get(&account), account, "person-short"))
    }
}

fn shown(page: &Page, name: Option<&Personal<String>>, account: AccountId, short: &str) -> Markup {
    match name {
        Some(Personal::Open { value }) => html! { (value) },
        Some(Personal::Closed { .. }) | None => {
            let id: String = account.to_string().chars().take(SHORT_ID_CHARS).collect();
            html! { (page.ta(short, &[("id", id)])) }
        }
        Some(other) => pieces::personal(page, other),
    }
}
