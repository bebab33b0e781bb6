//! The names of people who work at the partner, as a reader may see them; each is read once for an answer. The users
//! themselves, and what is done with them, are in `users`.

use crate::present::{Personal, Reader};
use crate::problem::Problem;
use domain::file::Part;
use domain::ids::{AccountId, Actor};
use std::collections::BTreeMap;

/// The names that one answer tells.
#[derive(Debug)]
pub(crate) struct People<'a> {
    reader: Reader<'a>,
    known: BTreeMap<AccountId, Personal<String>>,
}

impl<'a> People<'a> {
    pub(crate) const fn new(reader: Reader<'a>) -> Self {
        Self { reader, known: BTreeMap::new() }
    }

    /// A person's name. An account that is no person's has none that could be read, as one that was erased.
    pub(crate) async fn name(&mut self, account: AccountId) -> Result<Personal<String>, Problem> {
        if let Some(known) = self.known.get(&account) {
            return Ok(known.clone());
        }
        let name = match self.reader.app.desk.file(account).await?.part {
            Part::User(file) => self.reader.open(account, &file.name).await,
            _ => Personal::Erased,
        };
        self.known.insert(account, name.clone());
        Ok(name)
    }

    /// The name of who said or did it; nothing when that was no person.
    pub(crate) async fn actor(&mut self, actor: Actor) -> Result<Option<Personal<String>>, Problem> {
        match actor {
            Actor::User(account) => self.name(account).await.map(Some),
            Actor::Program | Actor::Connection(_) => Ok(None),
        }
    }
}
