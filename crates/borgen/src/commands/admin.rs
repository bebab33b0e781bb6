//! `borgen admin`: users, tokens and connections. Talks to a server; a secret is shown once, on standard output.

use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::remote::{Remote, query};
use crate::table::{Column, at};
use clap::{Subcommand, ValueEnum};
use desk::Clock;
use desk::seam::SystemClock;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The most connections of one partner.
const MAX_CONNECTIONS: usize = 1_000;

/// The commands about users, tokens, connections and personal data.
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// The people who work here
    #[command(subcommand)]
    User(User),
    /// Their tokens
    #[command(subcommand)]
    Token(Token),
    /// Your Partner Center tenants
    #[command(subcommand)]
    Connection(Connection),
    /// Make personal data of an account unreadable for ever
    Erase(super::erasing::Erase),
    /// Exchange the master key that wraps the keys of personal data
    RotateMasterKey(super::rotating::Rotate),
}

/// The commands about users.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a person
    Add {
        /// The name
        name: String,
        /// A role; may be given several times
        #[arg(long = "role", value_enum, required = true)]
        roles: Vec<RoleWord>,
        /// Only the customers of this reseller; may be given several times
        #[arg(long = "reseller", value_name = "RESELLER", value_parser = forms::id)]
        resellers: Vec<String>,
        /// Only this customer; may be given several times
        #[arg(long = "customer", value_name = "CUSTOMER", value_parser = forms::id)]
        customers: Vec<String>,
    },
    /// Ask a person in, by a link that is good once and for a quarter of an hour
    Invite {
        /// The user
        #[arg(value_parser = forms::id)]
        user: String,
        /// The name that the person will sign in under
        #[arg(long, value_name = "NAME")]
        sign_in_name: String,
    },
    /// Everybody, with roles
    List,
}

/// The commands about tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token, for yourself or for a machine; it is shown once
    Issue {
        /// The machine; else you yourself
        #[arg(value_parser = forms::id)]
        user: Option<String>,
        /// What your authenticator app shows
        #[arg(long, env = "BORGEN_CODE", hide_env_values = true)]
        code: Option<String>,
        /// What it is for
        #[arg(long, default_value = "command line")]
        label: String,
        /// After how many days it ends
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// A token is no longer good
    Revoke {
        /// The user
        #[arg(value_parser = forms::id)]
        user: String,
        /// The token's id
        #[arg(value_parser = forms::id)]
        token: String,
    },
}

/// The commands about connections.
#[derive(Debug, Subcommand)]
pub(crate) enum Connection {
    /// The connections, and how they are
    List,
    /// Add a Partner Center tenant of yours to the settings; the server connects when it starts again
    Add {
        /// What people call it, in small letters
        name: String,
        /// The tenant
        #[arg(long, value_parser = forms::typed::<Uuid>)]
        tenant: Uuid,
        /// The id of the application you registered for Borgen
        #[arg(long)]
        client_id: String,
        /// The file that holds its secret
        #[arg(long)]
        client_secret_file: PathBuf,
        /// The file that holds the first refresh token
        #[arg(long)]
        refresh_token_file: PathBuf,
        /// Its cloud
        #[arg(long, value_enum, default_value_t)]
        cloud: CloudWord,
    },
    /// Hand out a key for the intake; it is shown once
    Key {
        /// The connection, by name or id
        connection: String,
        /// What it is for
        #[arg(long, default_value = "intake")]
        label: String,
    },
    /// Switch actions on or off; until they are on, everything is a dry run
    SwitchActions {
        /// The connection, by name or id
        connection: String,
        /// On or off
        #[arg(value_enum)]
        switch: Switch,
        /// What your authenticator app shows: switching on demands it
        #[arg(long, env = "BORGEN_CODE", hide_env_values = true)]
        code: Option<String>,
    },
}

/// The roles, named as in Partner Center.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum RoleWord {
    /// Exposure, policies, approvals, audit.
    GlobalAdministrator,
    /// Who has access.
    UserAdministrator,
    /// Alerts, cases, containment.
    AdminAgent,
    /// Who owes what.
    BillingAdministrator,
    /// Reads and changes nothing.
    Auditor,
}

impl RoleWord {
    /// The role's word, as in the interface.
    fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Microsoft's clouds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum CloudWord {
    /// The public cloud.
    #[default]
    Public,
    /// Microsoft Cloud for US Government.
    UsGovernment,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Changes are sent to Microsoft.
    On,
    /// Everything is a dry run.
    Off,
}

const USERS: &[Column] = &[
    Column { heading: "column-user", cell: |item, _| at(item, "id") },
    Column { heading: "column-name", cell: |item, console| console.personal(item, "name") },
    Column { heading: "column-roles", cell: |item, console| words(item, "roles", console) },
    Column { heading: "column-active", cell: |item, console| console.word(&at(item, "active")) },
];
const CONNECTIONS: &[Column] = &[
    Column { heading: "column-connection", cell: |item, _| at(item, "id") },
    Column { heading: "column-name", cell: |item, _| at(item, "label") },
    Column { heading: "column-tenant", cell: |item, _| at(item, "partnerTenant") },
    Column { heading: "column-cloud", cell: |item, console| console.word(&at(item, "cloud")) },
    Column { heading: "column-actions-on", cell: |item, console| console.word(&at(item, "actionsOn")) },
    Column { heading: "column-faults", cell: |item, console| words(item, "faults", console) },
];

/// Runs a command about users, tokens and connections.
pub(crate) async fn run(console: &Console, command: Admin) -> anyhow::Result<Exit> {
    if let Admin::Connection(Connection::Add {
        name,
        tenant,
        client_id,
        client_secret_file,
        refresh_token_file,
        cloud,
    }) = &command
    {
        let new =
            NewConnection { name, tenant: *tenant, client_id, client_secret_file, refresh_token_file, cloud: *cloud };
        add_connection(console, &new)?;
        return Ok(Exit::Done);
    }
    let remote = || super::remote(console);
    match command {
        Admin::User(command) => user(console, &remote()?, command).await?,
        Admin::Token(command) => token(console, &remote()?, command).await?,
        Admin::Connection(command) => connection(console, &remote()?, command).await?,
        // These two work on the store and the vault themselves.
        Admin::Erase(command) => return super::erasing::run(console, command).await,
        Admin::RotateMasterKey(command) => return super::rotating::run(console, command).await,
    }
    Ok(Exit::Done)
}

/// The id of a connection that is named by it, or by what people call it.
pub(crate) async fn connection_id(console: &Console, remote: &Remote<'_>, given: &str) -> anyhow::Result<String> {
    if given.parse::<Uuid>().is_ok() {
        return Ok(given.to_owned());
    }
    let known = remote.list("/connections", MAX_CONNECTIONS).await?;
    let mut called = known.iter().filter(|connection| at(connection, "label") == given);
    match (called.next(), called.next()) {
        (Some(one), None) => Ok(at(one, "id")),
        (None, _) => {
            let names: Vec<String> = known.iter().map(|connection| at(connection, "label")).collect();
            let hint = console.text("connections-known", &[("names", &names.join(", "))]);
            let text = console.text("no-such-connection", &[("name", &given)]);
            Err(console.failure(Exit::NotFound, text, Some(hint)))
        }
        (Some(_), Some(_)) => Err(console.fail(Exit::Usage, "connection-twice", &[("name", &given)])),
    }
}

async fn user(console: &Console, remote: &Remote<'_>, command: User) -> anyhow::Result<()> {
    match command {
        User::Add { name, roles, resellers, customers } => {
            let roles: Vec<String> = roles.into_iter().map(RoleWord::word).collect();
            let all = resellers.is_empty() && customers.is_empty();
            let scope = json!({"all": all, "resellers": resellers, "customers": customers});
            let added = remote.post("/users", &json!({"name": name, "roles": roles, "scope": scope})).await?.body;
            console.one(&added, USERS)
        }
        User::Invite { user, sign_in_name } => {
            let path = format!("/users/{}:invite", query(&user));
            let link = remote.post(&path, &json!({"signInName": sign_in_name})).await?.body;
            console.say("link-once", &[("expires", &at(&link, "expires"))]);
            console.line(&at(&link, "path"))
        }
        User::List => console.list(&remote.list("/users", 10_000).await?, USERS),
    }
}

async fn token(console: &Console, remote: &Remote<'_>, command: Token) -> anyhow::Result<()> {
    match command {
        Token::Issue { user, code, label, days } => {
            let path = user.map_or_else(|| "/me".to_owned(), |user| format!("/users/{}", query(&user)));
            let body = json!({"label": label, "expires": in_days(days)?});
            let proof = super::action::proof(remote, code).await?;
            let issued = remote.change_proved(&format!("{path}/tokens"), None, &body, proof).await?.body;
            secret(console, &issued)
        }
        Token::Revoke { user, token } => {
            let path = format!("/users/{}", query(&user));
            let now = remote.get(&path).await?;
            remote.delete(&format!("{path}/tokens/{}", query(&token)), now.etag.as_deref()).await?;
            console.say("token-revoked", &[("token", &token)]);
            Ok(())
        }
    }
}

/// What is added to the settings.
struct NewConnection<'a> {
    name: &'a str,
    tenant: Uuid,
    client_id: &'a str,
    client_secret_file: &'a Path,
    refresh_token_file: &'a Path,
    cloud: CloudWord,
}

/// Adds a section to the settings. Credentials stay in files of their own, and never pass through the server.
fn add_connection(console: &Console, new: &NewConnection<'_>) -> anyhow::Result<()> {
    let good = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if !good(new.name) {
        return Err(console.fail(Exit::Usage, "connection-name", &[("name", &new.name)]));
    }
    if console.settings()?.connections().contains_key(new.name) {
        return Err(console.fail(Exit::Conflict, "connection-known", &[("name", &new.name)]));
    }
    for file in [new.client_secret_file, new.refresh_token_file] {
        if let Err(why) = std::fs::read_to_string(file) {
            return Err(console.unreadable(file, &why));
        }
    }
    let path = console.settings_file();
    let text = |value: &str| toml::Value::from(value).to_string();
    let file = |path: &Path| std::path::absolute(path).map(|path| text(&path.display().to_string()));
    let cloud = if new.cloud == CloudWord::Public { "public" } else { "us_government" };
    let section = format!(
        "\n[connections.{}]\ntenant = {}\ncloud = {}\nclient_id = {}\nclient_secret_file = {}\nrefresh_token_file = {}\n",
        new.name,
        text(&new.tenant.to_string()),
        text(cloud),
        text(new.client_id),
        file(new.client_secret_file)?,
        file(new.refresh_token_file)?,
    );
    let mut settings =
        std::fs::OpenOptions::new().append(true).open(&path).map_err(|error| console.unwritable(&path, &error))?;
    std::io::Write::write_all(&mut settings, section.as_bytes()).map_err(|error| console.unwritable(&path, &error))?;
    console.say("connection-added", &[("name", &new.name), ("path", &path.display())]);
    Ok(())
}

async fn connection(console: &Console, remote: &Remote<'_>, command: Connection) -> anyhow::Result<()> {
    match command {
        // It needs no server and was done before one was looked for.
        Connection::Add { .. } => Ok(()),
        Connection::List => console.list(&remote.list("/connections", MAX_CONNECTIONS).await?, CONNECTIONS),
        Connection::Key { connection, label } => {
            let path = format!("/connections/{}", query(&connection_id(console, remote, &connection).await?));
            let now = remote.get(&path).await?;
            let issued =
                remote.change(&format!("{path}/keys"), now.etag.as_deref(), &json!({"label": label})).await?.body;
            secret(console, &issued)
        }
        Connection::SwitchActions { connection, switch, code } => {
            let path = format!("/connections/{}", query(&connection_id(console, remote, &connection).await?));
            let now = remote.get(&path).await?;
            let on = switch == Switch::On;
            let (switch, proof) = (format!("{path}:switch-actions"), super::action::proof(remote, code).await?);
            remote.change_proved(&switch, now.etag.as_deref(), &json!({"on": on}), proof).await?;
            console.say(if on { "actions-on" } else { "actions-off" }, &[("connection", &connection)]);
            Ok(())
        }
    }
}

/// The instant this many days from now.
fn in_days(days: u32) -> anyhow::Result<Timestamp> {
    Ok(SystemClock::new().now().checked_add(SignedDuration::from_hours(24 * i64::from(days)))?)
}

/// Shows a secret, and nothing else, on standard output.
fn secret(console: &Console, issued: &Value) -> anyhow::Result<()> {
    console.say("secret-once", &[("id", &at(issued, "id"))]);
    console.line(&at(issued, "secret"))
}

fn words(item: &Value, key: &str, console: &Console) -> String {
    match item.get(key) {
        Some(Value::Array(list)) => list
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), |word| console.word(word)))
            .collect::<Vec<_>>()
            .join(", "),
        Some(Value::Object(members)) => members
            .iter()
            .map(|(part, fault)| format!("{part}: {}", fault.as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    }
}
