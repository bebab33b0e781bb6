//! `borgen customers`: who they are, whom we speak with, what was said, notes. Talks to a server.

use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::remote::query;
use crate::table::{Column, at, money_at};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

/// The commands about customers.
#[derive(Debug, Subcommand)]
pub(crate) enum Customers {
    /// The customers, the gravest and dearest first
    List {
        /// In the words of the query bar: severity:high customer:ID
        filter: Vec<String>,
        /// The most customers to show
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// The people with whom we speak, and whether they are confirmed
    Contacts {
        /// The customer
        #[arg(value_parser = forms::id)]
        customer: String,
    },
    /// Write down whom to speak with; a call has to confirm it
    Contact(Contact),
    /// Say that somebody is no contact any more
    RemoveContact {
        /// The customer
        #[arg(value_parser = forms::id)]
        customer: String,
        /// The contact
        #[arg(value_parser = forms::id)]
        contact: String,
    },
    /// The conversations, the latest first
    Calls {
        /// The customer
        #[arg(value_parser = forms::id)]
        customer: String,
        /// The most conversations to show
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Write down a conversation
    Call(Call),
    /// Write a note about a customer
    Note {
        /// The customer
        #[arg(value_parser = forms::id)]
        customer: String,
        /// The text
        text: String,
    },
}

/// A contact.
#[derive(Debug, Args)]
pub(crate) struct Contact {
    /// The customer
    #[arg(value_parser = forms::id)]
    customer: String,
    /// The person's name
    name: String,
    /// What it is for
    #[arg(long, value_enum)]
    role: RoleWord,
    /// The number
    #[arg(long, required_unless_present = "mail")]
    phone: Option<String>,
    /// The mail address
    #[arg(long)]
    mail: Option<String>,
    /// Where number and address come from
    #[arg(long, value_enum)]
    source: SourceWord,
    /// The contact that this takes the place of
    #[arg(long, value_name = "CONTACT", value_parser = forms::id)]
    replaces: Option<String>,
}

/// A conversation.
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// The customer
    #[arg(value_parser = forms::id)]
    customer: String,
    /// What was said
    said: String,
    /// How
    #[arg(long, value_enum, default_value_t)]
    channel: ChannelWord,
    /// They began; else we did
    #[arg(long)]
    incoming: bool,
    /// When, as 2026-12-01T06:00:00Z; else now
    #[arg(long, value_parser = forms::time)]
    at: Option<jiff::Timestamp>,
    /// The contact it was
    #[arg(long, required_unless_present = "with", value_parser = forms::id)]
    contact: Option<String>,
    /// With whom; else the contact
    #[arg(long)]
    with: Option<String>,
    /// The number or address that was used; else the contact's own
    #[arg(long)]
    number: Option<String>,
    /// We knew that number or address before
    #[arg(long)]
    known_number: bool,
    /// What was agreed
    #[arg(long)]
    agreed: Option<String>,
    /// The contact that the call confirms; needs --known-number and a call of ours
    #[arg(long, value_name = "CONTACT", requires = "known_number", conflicts_with = "incoming", value_parser = forms::id)]
    confirms: Option<String>,
    /// The case it was about
    #[arg(long, value_parser = forms::id)]
    case: Option<String>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
        pub(crate) enum $name { $($(#[$of])* $variant),* }

        impl $name {
            const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words! {
    /// What a contact is for.
    RoleWord {
        /// Who decides for the company.
        #[default]
        Management = "management",
        /// Who pays.
        Finance = "finance",
        /// Whom to wake when the tenant is attacked.
        Security = "security",
        /// Who runs the tenant.
        Technical = "technical",
    }
}

words! {
    /// Where a number comes from.
    SourceWord {
        /// A register or public pages.
        #[default]
        Independent = "independent",
        /// The signed agreement.
        Agreement = "agreement",
        /// The customer told us.
        Customer = "customer",
    }
}

words! {
    /// How people spoke.
    ChannelWord {
        /// By telephone.
        #[default]
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

const CUSTOMERS: &[Column] = &[
    Column { heading: "column-customer", cell: |item, _| at(item, "id") },
    Column { heading: "column-name", cell: |item, console| console.personal(item, "name") },
    Column { heading: "column-severity", cell: |item, console| console.word(&at(item, "worstSeverity")) },
    Column { heading: "column-per-hour", cell: |item, _| money_at(item, "perHour") },
    Column { heading: "column-cases", cell: |item, _| at(item, "openCases") },
];
const CONTACTS: &[Column] = &[
    Column { heading: "column-contact", cell: |item, _| at(item, "id") },
    Column { heading: "column-name", cell: |item, console| console.personal(item, "name") },
    Column { heading: "column-role", cell: |item, console| console.word(&format!("contact-{}", at(item, "role"))) },
    Column { heading: "column-phone", cell: |item, console| console.personal(item, "phone") },
    Column { heading: "column-mail", cell: |item, console| console.personal(item, "mail") },
    Column { heading: "column-source", cell: |item, console| console.word(&format!("source-{}", at(item, "source"))) },
    Column { heading: "column-confirmed", cell: |item, console| console.short_time(&at(item, "confirmed")) },
    Column { heading: "column-last-call", cell: |item, console| console.short_time(&at(item, "lastCall")) },
];
const CALLS: &[Column] = &[
    Column { heading: "column-when", cell: |item, console| console.short_time(&at(item, "happened")) },
    Column {
        heading: "column-channel",
        cell: |item, console| console.word(&format!("channel-{}", at(item, "body.channel"))),
    },
    Column { heading: "column-direction", cell: |item, console| console.word(&at(item, "body.direction")) },
    Column { heading: "column-with", cell: |item, console| console.personal(item, "body.with") },
    Column { heading: "column-known-number", cell: |item, console| console.word(&at(item, "body.knownNumber")) },
    Column { heading: "column-said", cell: |item, console| console.personal(item, "body.said") },
    Column { heading: "column-agreed", cell: |item, console| console.personal(item, "body.agreed") },
];

/// Runs a command about customers.
pub(crate) async fn run(console: &Console, command: Customers) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    let below = |customer: &str| format!("/customers/{}", query(customer));
    match command {
        Customers::List { filter, limit } => {
            let filter =
                if filter.is_empty() { String::new() } else { format!("&filter={}", query(&filter.join(" "))) };
            let path = format!("/customers?maxpagesize={}{filter}", limit.clamp(1, 1_000));
            console.list(&remote.list(&path, limit).await?, CUSTOMERS)?;
        }
        Customers::Contacts { customer } => {
            console.list(&remote.list(&format!("{}/contacts", below(&customer)), 1_000).await?, CONTACTS)?;
        }
        Customers::Contact(new) => {
            let body = json!({
                "name": new.name, "role": new.role.word(), "phone": new.phone, "mail": new.mail,
                "source": new.source.word(), "replaces": new.replaces,
            });
            let recorded = remote.post(&format!("{}/contacts", below(&new.customer)), &body).await?.body;
            console.one(&recorded, CONTACTS)?;
            console.say("contact-recorded", &[("contact", &at(&recorded, "id"))]);
        }
        Customers::RemoveContact { customer, contact } => {
            remote.delete(&format!("{}/contacts/{}", below(&customer), query(&contact)), None).await?;
            console.say("contact-removed", &[("contact", &contact)]);
        }
        Customers::Calls { customer, limit } => {
            let path = format!("{}/calls?maxpagesize={}", below(&customer), limit.clamp(1, 1_000));
            console.list(&remote.list(&path, limit).await?, CALLS)?;
        }
        Customers::Call(call) => {
            let body = json!({
                "channel": call.channel.word(), "direction": if call.incoming { "incoming" } else { "outgoing" },
                "at": call.at, "contact": call.contact, "with": call.with, "number": call.number,
                "knownNumber": call.known_number, "said": call.said, "agreed": call.agreed,
                "confirms": call.confirms, "case": call.case,
            });
            remote.post(&format!("{}:call", below(&call.customer)), &body).await?;
            console.say("call-recorded", &[("customer", &call.customer)]);
        }
        Customers::Note { customer, text } => {
            remote.post(&format!("{}:note", below(&customer)), &json!({"text": text})).await?;
            console.say("customer-noted", &[("customer", &customer)]);
        }
    }
    Ok(Exit::Done)
}
