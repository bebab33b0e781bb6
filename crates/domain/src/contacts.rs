//! Who we speak with at a customer, and what was said (O1). A number or address that the customer told us is believed
//! only after somebody called back on a number that we knew before.

use crate::ids::{CaseId, ContactId};
use crate::sealed::Sealed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most contacts that a file holds of one customer.
pub const MAX_CONTACTS: usize = 50;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant),* }

        impl $name {
            /// Every one, in the order in which people choose.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable word, as stored.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words! {
    /// What a contact is for.
    ContactRole {
        /// Who decides for the company.
        Management = "management",
        /// Who pays.
        Finance = "finance",
        /// Whom to wake when the tenant is attacked, around the clock.
        Security = "security",
        /// Who runs the tenant.
        Technical = "technical",
    }
}

words! {
    /// Where a number or address comes from.
    ContactSource {
        /// A register or the company's public pages: the customer did not hand it to us.
        Independent = "independent",
        /// The signed agreement.
        Agreement = "agreement",
        /// The customer told us.
        Customer = "customer",
    }
}

words! {
    /// How people spoke.
    Channel {
        /// By telephone.
        Phone = "phone",
        /// In a meeting with pictures.
        Video = "video",
        /// By mail.
        Mail = "mail",
        /// By chat or text message.
        Message = "message",
        /// Face to face.
        Visit = "visit",
    }
}

words! {
    /// Who began.
    Direction {
        /// We did.
        Outgoing = "outgoing",
        /// They did.
        Incoming = "incoming",
    }
}

/// Observed: a person wrote down whom to speak with, new or otherwise than before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactRecorded {
    /// The contact.
    pub contact: ContactId,
    /// What it is for.
    pub role: ContactRole,
    /// The person's name.
    pub name: Sealed<String>,
    /// The number.
    pub phone: Option<Sealed<String>>,
    /// The mail address.
    pub mail: Option<Sealed<String>>,
    /// Where number and address come from.
    pub source: ContactSource,
}

/// Observed: a contact is no longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRemoved {
    /// The contact.
    pub contact: ContactId,
}

/// Observed: somebody of ours spoke with the customer. When it was is the instant at which the fact happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecorded {
    /// How they spoke.
    pub channel: Channel,
    /// Who began.
    pub direction: Direction,
    /// The contact it was, where it was one.
    pub contact: Option<ContactId>,
    /// With whom, as written down.
    pub with: Sealed<String>,
    /// The number or address that was used.
    pub number: Option<Sealed<String>>,
    /// Whether that was known to us before.
    pub known_number: bool,
    /// What was said.
    pub said: Sealed<String>,
    /// What was agreed.
    pub agreed: Option<Sealed<String>>,
    /// The contact whose number and address it confirms.
    pub confirms: Option<ContactId>,
    /// The case it was about.
    pub case: Option<CaseId>,
}

impl CallRecorded {
    /// Whether it can confirm a contact: we called, on what we knew before. A number that calls us proves nothing.
    #[must_use]
    pub const fn can_confirm(&self) -> bool {
        matches!(self.direction, Direction::Outgoing) && self.known_number
    }
}

/// Observed: a person noted something about the customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerNoted {
    /// The note.
    pub note: Sealed<String>,
}

/// What the file keeps of a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// What it is for.
    pub role: ContactRole,
    /// The person's name.
    pub name: Sealed<String>,
    /// The number.
    pub phone: Option<Sealed<String>>,
    /// The mail address.
    pub mail: Option<Sealed<String>>,
    /// Where number and address come from.
    pub source: ContactSource,
    /// When it was written down as it is.
    pub recorded: Timestamp,
    /// When a call on a known number confirmed it.
    pub confirmed: Option<Timestamp>,
    /// When somebody last spoke with it.
    pub last_call: Option<Timestamp>,
}

/// The contacts of a customer.
pub type Contacts = BTreeMap<ContactId, Contact>;

/// What was confirmed of a contact that is written down anew is not confirmed of what is written now.
pub(crate) fn recorded(contacts: &mut Contacts, at: Timestamp, new: &ContactRecorded) {
    let last_call = contacts.get(&new.contact).and_then(|known| known.last_call);
    let contact = Contact {
        role: new.role,
        name: new.name.clone(),
        phone: new.phone.clone(),
        mail: new.mail.clone(),
        source: new.source,
        recorded: at,
        confirmed: None,
        last_call,
    };
    if contacts.len() < MAX_CONTACTS || contacts.contains_key(&new.contact) {
        contacts.insert(new.contact, contact);
    }
}

pub(crate) fn called(contacts: &mut Contacts, happened: Timestamp, call: &CallRecorded) {
    if let Some(spoken) = call.contact.and_then(|contact| contacts.get_mut(&contact)) {
        spoken.last_call = spoken.last_call.max(Some(happened));
    }
    let confirmed = call.confirms.filter(|_| call.can_confirm()).and_then(|contact| contacts.get_mut(&contact));
    if let Some(contact) = confirmed {
        contact.confirmed = Some(happened);
    }
}
