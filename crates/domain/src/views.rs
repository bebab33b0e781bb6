//! Views of lists that people keep under a name, and how a person wants pages to look. They are facts of the user's own
//! account; nothing is decided by them.

use crate::ids::ViewId;
use crate::people::UserFile;
use crate::sealed::Sealed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most views of one user.
pub const MAX_VIEWS: usize = 100;
/// The longest filter of a view, in bytes.
pub const MAX_FILTER_BYTES: usize = 500;

/// The list that a view is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewOf {
    /// Cases.
    Cases,
    /// Signals.
    Signals,
    /// Microsoft's alerts.
    Notices,
    /// Customers.
    Customers,
    /// Actions.
    Actions,
}

impl ViewOf {
    /// Every list that has views.
    pub const ALL: [Self; 5] = [Self::Cases, Self::Signals, Self::Notices, Self::Customers, Self::Actions];

    /// The stable word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Signals => "signals",
            Self::Notices => "notices",
            Self::Customers => "customers",
            Self::Actions => "actions",
        }
    }

    /// The list with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.word() == word)
    }
}

/// Observed: a person keeps a view, or changes one of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewSaved {
    /// The view.
    pub view: ViewId,
    /// The list it is of.
    pub list: ViewOf,
    /// Its name, as the person wrote it.
    pub name: Sealed<String>,
    /// The filter that it is.
    pub filter: String,
    /// Whether everybody has it in the navigation.
    pub shared: bool,
}

/// Observed: a person does not keep a view any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewDeleted {
    /// The view.
    pub view: ViewId,
}

/// Observed: a person wants a list to begin with a view, or as it begins for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewChosen {
    /// The list.
    pub list: ViewOf,
    /// The view; nothing for the list's own beginning.
    pub view: Option<ViewId>,
}

/// Observed: how a person wants pages to look. What is nothing follows the browser.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LooksChosen {
    /// `en` or `sv`.
    pub language: Option<String>,
    /// `system`, `light` or `dark`.
    pub theme: Option<String>,
    /// Whether single letters are keys.
    pub keys: Option<bool>,
    /// The zone of times, by its IANA name.
    pub zone: Option<String>,
}

/// A view, as its owner's file keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The list it is of.
    pub list: ViewOf,
    /// Its name.
    pub name: Sealed<String>,
    /// The filter that it is.
    pub filter: String,
    /// Whether everybody has it in the navigation.
    pub shared: bool,
}

/// What a person has set up for itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OwnDesk {
    /// The views it keeps.
    pub views: BTreeMap<ViewId, View>,
    /// The view that a list begins with, its own or a shared one.
    pub chosen: BTreeMap<ViewOf, ViewId>,
    /// How pages look.
    pub looks: LooksChosen,
}

impl UserFile {
    pub(crate) fn view_saved(&mut self, saved: &ViewSaved) {
        let ViewSaved { view, list, name, filter, shared } = saved.clone();
        let own = &mut self.desk;
        if own.views.len() < MAX_VIEWS || own.views.contains_key(&view) {
            own.views.insert(view, View { list, name, filter, shared });
        }
    }

    pub(crate) fn view_deleted(&mut self, deleted: ViewDeleted) {
        self.desk.views.remove(&deleted.view);
        self.desk.chosen.retain(|_, view| *view != deleted.view);
    }

    pub(crate) fn view_chosen(&mut self, chosen: ViewChosen) {
        match chosen.view {
            Some(view) => self.desk.chosen.insert(chosen.list, view),
            None => self.desk.chosen.remove(&chosen.list),
        };
    }
}
