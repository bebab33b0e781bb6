//! Names of customers and people as the reader may see them, each read once for a page.

use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::people::People;
use crate::present::{Personal, Reader};
use crate::problem::Problem;
use domain::ids::{AccountId, Actor};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use store::rows;
use store::rows::Listed;
use store::rows::customers::CustomerRow;

/// How many characters of an id stand where no name can be shown.
const SHORT_ID_CHARS: usize = 8;
/// How many rows of customers are read at the same time: each may come from the disk.
const MAX_READ_AT_ONCE: usize = 16;

/// The names that one page shows.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    app: &'a App,
    page: &'a Page,
    reader: Reader<'a>,
    customers: BTreeMap<AccountId, Personal<String>>,
    people: People<'a>,
    rules: BTreeMap<(AccountId, String), String>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(app: &'a App, page: &'a Page) -> Self {
        let reader = app.reader(&page.session);
        Self { app, page, reader, customers: BTreeMap::new(), people: People::new(reader), rules: BTreeMap::new() }
    }

    /// For who gives out portfolios: the resellers that these are of are told by name, whatever else may be read.
    pub(crate) fn of_resellers(self) -> Self {
        let reader = Reader::of_own(self.app);
        Self { reader, people: People::new(reader), ..self }
    }

    /// Reads the names of the customers that a list shows, some at a time: one after the other each would wait for the
    /// disk by itself where nobody has looked before.
    pub(crate) async fn meet(&mut self, accounts: impl Iterator<Item = AccountId>) -> Result<(), Problem> {
        let wanted: BTreeSet<AccountId> = accounts.filter(|account| !self.customers.contains_key(account)).collect();
        let (store, scope) = (&self.app.desk.store, &self.page.session.caller.scope);
        let found: Vec<_> = stream::iter(wanted)
            .map(|account| async move { rows::customers::known(store, scope, account).await.map(|row| (account, row)) })
            .buffer_unordered(MAX_READ_AT_ONCE)
            .try_collect()
            .await?;
        self.customers.extend(found.iter().map(|(account, _)| (*account, Personal::Erased)));
        self.meet_rows(&found.into_iter().filter_map(|(_, row)| row).collect::<Vec<_>>()).await;
        Ok(())
    }

    /// Opens the names of customers whose rows were read already.
    pub(crate) async fn meet_rows(&mut self, listed: &[Listed<CustomerRow>]) {
        let sealed = listed.iter().map(|listed| (listed.account, listed.row.name.clone())).collect();
        let opened = self.reader.open_all(sealed).await;
        self.customers.extend(listed.iter().map(|listed| listed.account).zip(opened));
    }

    /// A customer's name, with what finds it where the reader may not read names.
    pub(crate) async fn customer(&mut self, account: AccountId) -> Result<Markup, Problem> {
        if !self.customers.contains_key(&account) {
            let name = customer_name(self.reader, self.page, account).await?;
            self.customers.insert(account, name);
        }
        Ok(shown(self.page, self.customers.get(&account), account, "customer-short"))
    }

    /// A reseller's name where it is known, which it is when the reseller is one of our customers too and the reader sees
    /// it; else what finds it.
    pub(crate) async fn reseller(&mut self, account: AccountId) -> Result<Markup, Problem> {
        self.meet(std::iter::once(account)).await?;
        let name = self.customers.get(&account).filter(|name| matches!(name, Personal::Open { .. }));
        Ok(html! {
            @match name {
                Some(Personal::Open { value }) => (value),
                _ => span title=(account) { (short_id(self.page, account, "reseller-short")) },
            }
        })
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
        let name = self.people.name(account).await?;
        Ok(shown(self.page, Some(&name), account, "person-short"))
    }

    /// Who said or did it: a colleague by name, or Borgen itself.
    pub(crate) async fn actor(&mut self, actor: Actor) -> Result<Markup, Problem> {
        match actor {
            Actor::User(account) => self.person(account).await,
            Actor::Program | Actor::Connection(_) => Ok(html! { (self.page.t("fact-by-program")) }),
        }
    }
}

/// A customer's name as the reader may see it; one that is not seen is as one that was erased.
async fn customer_name(reader: Reader<'_>, page: &Page, account: AccountId) -> Result<Personal<String>, Problem> {
    let found = rows::customers::known(&reader.app.desk.store, &page.session.caller.scope, account).await?;
    Ok(match found {
        Some(listed) => reader.open(account, &listed.row.name).await,
        None => Personal::Erased,
    })
}

fn shown(page: &Page, name: Option<&Personal<String>>, account: AccountId, short: &str) -> Markup {
    match name {
        Some(Personal::Open { value }) => html! { (value) },
        Some(Personal::Closed { .. }) | None => html! { (short_id(page, account, short)) },
        Some(other) => pieces::personal(page, other),
    }
}

/// What stands in the place of a name.
fn short_id(page: &Page, account: AccountId, short: &str) -> String {
    let id: String = account.to_string().chars().take(SHORT_ID_CHARS).collect();
    page.ta(short, &[("id", id)])
}
