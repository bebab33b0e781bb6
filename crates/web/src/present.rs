//! How values of the domain look in the interface: camelCase names, money as text, and sealed values opened only for
//! those who may read them.

use crate::app::App;
use crate::problem::Problem;
use domain::ids::AccountId;
use domain::permission::{Caller, Permission, Role, roles_allowing};
use domain::sealed::{Retention, Sealed};
use money::Money;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How deep a value of the domain is looked into.
const MAX_DEPTH: usize = 32;
/// The kinds of facts that are made of speaking with a customer.
const CONVERSATIONS: [&str; 4] = ["contact.recorded", "contact.removed", "call.recorded", "customer.noted"];

/// An amount with its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Money)]
pub(crate) struct MoneyView {
    /// The amount, with a full stop and the decimals of the currency.
    #[schema(example = "41200.00")]
    pub(crate) amount: String,
    /// ISO 4217 code.
    #[schema(example = "SEK")]
    pub(crate) currency: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency.code().to_owned() }
    }
}

impl MoneyView {
    /// The money that was sent in a field.
    pub(crate) fn read(&self, field: &str) -> Result<Money, Problem> {
        let wrong = |error: &money::MoneyError| Problem::field(field, error.to_string());
        let currency = money::Currency::parse(&self.currency).map_err(|error| wrong(&error))?;
        Money::parse(&self.amount, currency).map_err(|error| wrong(&error))
    }
}

/// A value that is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Personal<T> {
    /// The reader may read it.
    Open {
        /// The value.
        value: T,
    },
    /// The reader may not; these roles may.
    Closed {
        /// The roles that may.
        #[schema(value_type = Vec<String>)]
        roles: Vec<Role>,
    },
    /// Its key was erased.
    Erased,
    /// It can't be read now: the vault failed, which is not the same as erased.
    Unreadable,
}

/// Who reads: what is opened for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) app: &'a App,
    /// Whether everything sealed may be opened.
    personal: bool,
    /// Whether names and numbers may be, and what was said with a customer.
    contacts: bool,
    /// Whether what is read was said with a customer, or written about it.
    conversation: bool,
}

impl<'a> Reader<'a> {
    /// Who reads as a caller.
    pub(crate) fn of(app: &'a App, caller: &Caller) -> Self {
        let (personal, contacts) = (caller.may(Permission::PersonalRead), caller.may(Permission::ContactRead));
        Self { app, personal, contacts, conversation: false }
    }

    /// Who reads what is its own, whatever its roles are.
    pub(crate) const fn of_own(app: &'a App) -> Self {
        Self { app, personal: true, contacts: true, conversation: false }
    }

    /// The same reader for facts of a kind: whoever may speak with a customer reads what was said before.
    pub(crate) fn for_kind(self, kind: &str) -> Self {
        Self { conversation: CONVERSATIONS.contains(&kind), ..self }
    }

    /// What it takes to open a value of a class.
    const fn needed(&self, class: Retention) -> (Permission, bool) {
        match class {
            Retention::Contact => (Permission::ContactRead, self.contacts),
            _ if self.conversation => (Permission::ContactRead, self.contacts),
            Retention::Evidence | Retention::Screening | Retention::Billing => {
                (Permission::PersonalRead, self.personal)
            }
        }
    }

    /// Opens a sealed value of an account, if the reader may.
    pub(crate) async fn open<T: DeserializeOwned + Send>(&self, account: AccountId, sealed: &Sealed<T>) -> Personal<T> {
        let (needed, may) = self.needed(sealed.parts().0);
        if !may {
            return Personal::Closed { roles: roles_allowing(needed) };
        }
        match self.app.vault.open(account, sealed).await {
            Ok(Some(value)) => Personal::Open { value },
            Ok(None) => Personal::Erased,
            Err(error) => {
                // It does not take the whole answer down, and nobody is told that it was erased.
                tracing::error!(account.id = %account, error.message = %error, "a sealed value can't be read now");
                Personal::Unreadable
            }
        }
    }

    /// Opens the sealed values of a list; they come back in the same order. Their keys are read together.
    pub(crate) async fn open_all<T: DeserializeOwned + Send + Sync>(
        &self,
        sealed: Vec<(AccountId, Sealed<T>)>,
    ) -> Vec<Personal<T>> {
        let may = |sealed: &Sealed<T>| self.needed(sealed.parts().0).1;
        let wanted = sealed.iter().filter(|(_, sealed)| may(sealed)).map(|(account, sealed)| (*account, sealed));
        if let Err(error) = self.app.vault.read_ahead(wanted).await {
            tracing::debug!(error.message = %error, "keys could not be read ahead");
        }
        let mut opened = Vec::with_capacity(sealed.len());
        for (account, sealed) in &sealed {
            opened.push(self.open(*account, sealed).await);
        }
        opened
    }

    /// Opens a sealed value that may be missing.
    pub(crate) async fn open_maybe<T: DeserializeOwned + Send>(
        &self,
        account: AccountId,
        sealed: Option<&Sealed<T>>,
    ) -> Option<Personal<T>> {
        match sealed {
            Some(sealed) => Some(self.open(account, sealed).await),
            None => None,
        }
    }

    /// A value of the domain as the interface shows it, with the sealed values in it opened.
    pub(crate) async fn show(&self, account: AccountId, mut value: Value) -> Value {
        let mut sealed = Vec::new();
        find_sealed(&value, &mut String::new(), &mut sealed, 0);
        for (pointer, class, ciphertext) in sealed {
            let opened = self.open(account, &Sealed::<Value>::from_ciphertext(class, ciphertext)).await;
            if let (Some(place), Ok(opened)) = (value.pointer_mut(&pointer), serde_json::to_value(opened)) {
                *place = opened;
            }
        }
        camel(value, 0)
    }
}

/// A value of the domain that holds nothing sealed, as the interface shows it.
pub(crate) fn shown<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).map_or(Value::Null, |value| camel(value, 0))
}

/// The places of sealed values, as JSON pointers.
fn find_sealed(value: &Value, at: &mut String, found: &mut Vec<(String, Retention, String)>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    if let Some((class, ciphertext)) = as_sealed(value) {
        found.push((at.clone(), class, ciphertext));
        return;
    }
    let length = at.len();
    let mut descend = |name: &str, inner: &Value| {
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        find_sealed(inner, at, found, depth + 1);
        at.truncate(length);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| descend(name, inner)),
        Value::Array(array) => array.iter().enumerate().for_each(|(index, inner)| descend(&index.to_string(), inner)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A sealed value is an object of exactly a known class and a ciphertext (`domain::sealed`).
fn as_sealed(value: &Value) -> Option<(Retention, String)> {
    let object = value.as_object().filter(|object| object.len() == 2)?;
    let (class, ciphertext) = (object.get("k")?.as_str()?, object.get("v")?.as_str()?);
    let class = Retention::ALL.into_iter().find(|known| known.word() == class)?;
    Some((class, ciphertext.to_owned()))
}

fn camel(value: Value, depth: usize) -> Value {
    match value {
        Value::Object(object) if depth <= MAX_DEPTH => match as_money(&object) {
            Some(money) => money,
            None => Value::Object(
                object.into_iter().map(|(name, inner)| (camel_name(&name), camel(inner, depth + 1))).collect(),
            ),
        },
        Value::Array(array) if depth <= MAX_DEPTH => array.into_iter().map(|inner| camel(inner, depth + 1)).collect(),
        other => other,
    }
}

/// Money is an object of exactly minor units and a currency (`money::Money`).
fn as_money(object: &Map<String, Value>) -> Option<Value> {
    if object.len() != 2 {
        return None;
    }
    let minor = object.get("minor")?.as_i64()?;
    let currency = money::Currency::parse(object.get("currency")?.as_str()?).ok()?;
    serde_json::to_value(MoneyView::from(Money::new(minor, currency))).ok()
}

fn camel_name(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = !camel.is_empty();
        } else if upper {
            camel.push(letter.to_ascii_uppercase());
            upper = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_become_camel_case_and_money_becomes_text() {
        let domain =
            json!({"per_hour": {"minor": 4_120_000, "currency": "SEK"}, "steps": [{"azure_subscription": "x"}]});
        let shown = shown(&domain);
        assert_eq!(
            shown,
            json!({"perHour": {"amount": "41200.00", "currency": "SEK"}, "steps": [{"azureSubscription": "x"}]})
        );
    }

    #[test]
    fn sealed_values_are_found_wherever_they_are() {
        let value = json!({"note": {"k": "evidence", "v": "AAAA"}, "a/b": [{"k": "contact", "v": "BBBB"}], "k": "v"});
        let mut found = Vec::new();
        find_sealed(&value, &mut String::new(), &mut found, 0);
        let mut places: Vec<_> = found.iter().map(|(at, class, _)| (at.as_str(), *class)).collect();
        places.sort_unstable();
        assert_eq!(places, [("/a~1b/0", Retention::Contact), ("/note", Retention::Evidence)]);
    }
}
