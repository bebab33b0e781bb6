//! `borgen init`: a new installation. Asks four things or takes them as flags; writes settings, keys, policy and the
//! first two users, and never writes over anything.

use crate::config::sample;
use crate::console::Console;
use crate::exit::Exit;
use crate::forms;
use crate::talk::Lang;
use crate::wiring::opening;
use anyhow::Context;
use clap::Args;
use desk::Clock;
use desk::seam::SystemClock;
use domain::ids::{Actor, TenantId};
use domain::permission::{Role, Scope};
use jiff::SignedDuration;
use runtime::Tools;
use runtime::invitations::invite;
use runtime::setup::{NewUser, add_user, issue_user_token, publish_default_policy};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

/// How long the first tokens are good: long enough to set up, short enough not to be forgotten.
const FIRST_TOKENS_GOOD_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 1_000;

/// Setting up.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder; it is made if it is not there
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Ask nothing; what is not given takes its default
    #[arg(long)]
    non_interactive: bool,
    /// Microsoft's cloud
    #[arg(long, value_enum)]
    cloud: Option<super::admin::CloudWord>,
    /// Your Partner Center tenant; can be added later
    #[arg(long, value_parser = forms::typed::<TenantId>)]
    tenant: Option<TenantId>,
    /// The first administrator's name
    #[arg(long)]
    admin: Option<String>,
    /// Make a token for each of the two as well, good for 30 days or until the link is used: for scripts
    #[arg(long)]
    with_tokens: bool,
}

/// The four answers.
struct Answers {
    cloud: super::admin::CloudWord,
    tenant: Option<TenantId>,
    lang: Lang,
    admin: String,
}

/// A user that was just added.
struct First {
    role: Role,
    user: String,
    token: Option<String>,
    link: String,
}

/// Runs the command.
pub(crate) async fn run(console: &Console, command: Init) -> anyhow::Result<Exit> {
    let settings_file = command.folder.join("borgen.toml");
    if settings_file.exists() {
        return Err(console.fail(Exit::Conflict, "file-exists", &[("path", &settings_file.display())]));
    }
    let answers = answers(console, &command)?;
    make_folders(&command.folder).map_err(|error| console.unwritable(&command.folder, &error))?;
    write_settings(&settings_file, &answers)?;
    let settings = console.settings_of(&settings_file)?;
    opening::make_keys(&settings)?;
    let house = opening::open(&settings, opening::clock()).await?;
    publish_default_policy(&house.tools, Actor::Program).await?;
    let with_tokens = command.with_tokens;
    let administrator =
        first(&house.tools, &answers.admin, (Role::GlobalAdministrator, "global_administrator"), with_tokens).await?;
    let name = console.text("init-user-administrator", &[]);
    let users = first(&house.tools, &name, (Role::UserAdministrator, "user_administrator"), with_tokens).await?;
    for first in [&administrator, &users] {
        let role = first.role.word();
        console.say(if with_tokens { "init-user-token" } else { "init-user" }, &[("role", &role)]);
        let mut line = json!({"role": role, "user": first.user, "link": first.link});
        if let (Some(token), Some(members)) = (&first.token, line.as_object_mut()) {
            members.insert("token".to_owned(), json!(token));
        }
        console.line(&line.to_string())?;
    }
    console.say("init-done", &[("folder", &command.folder.display())]);
    console.say("init-next", &[("folder", &command.folder.display())]);
    Ok(Exit::Done)
}

/// The folder, and below it the one for data, which nobody else on the machine may look into.
fn make_folders(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut private = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.recursive(true).create(folder.join("data/keys"))
}

fn answers(console: &Console, command: &Init) -> anyhow::Result<Answers> {
    let ask = !command.non_interactive && console.can_ask();
    if !ask && !command.non_interactive && command.admin.is_none() {
        return Err(console.fail(Exit::Usage, "init-cannot-ask", &[]));
    }
    let default_name = console.text("init-global-administrator", &[]);
    let cloud = match command.cloud {
        Some(cloud) => cloud,
        None if ask && asked(console, "init-ask-cloud", "public")? == "us_government" => {
            super::admin::CloudWord::UsGovernment
        }
        None => super::admin::CloudWord::Public,
    };
    let tenant = match command.tenant {
        None if ask => {
            let text = asked(console, "init-ask-tenant", "")?;
            let wrong = |_| console.fail(Exit::Usage, "init-no-tenant", &[("tenant", &text), ("form", &forms::ID)]);
            if text.is_empty() { None } else { Some(text.parse().map_err(wrong)?) }
        }
        given => given,
    };
    let lang = match if ask { asked(console, "init-ask-lang", console.lang.word())? } else { String::new() }.as_str() {
        "sv" => Lang::Sv,
        "en" => Lang::En,
        _ => console.lang,
    };
    let admin = match &command.admin {
        Some(name) => name.clone(),
        None if ask => asked(console, "init-ask-admin", &default_name)?,
        None => default_name,
    };
    Ok(Answers { cloud, tenant, lang, admin })
}

/// Asks a question; an empty answer takes the default.
fn asked(console: &Console, key: &str, default: &str) -> anyhow::Result<String> {
    let mut error = std::io::stderr().lock();
    write!(error, "{} [{default}] ", console.text(key, &[]))?;
    error.flush()?;
    let mut answer = String::new();
    std::io::Read::take(std::io::stdin().lock(), u64::try_from(MAX_ANSWER_BYTES)?).read_line(&mut answer)?;
    let answer = answer.trim();
    Ok(if answer.is_empty() { default.to_owned() } else { answer.to_owned() })
}

fn write_settings(path: &Path, answers: &Answers) -> anyhow::Result<()> {
    // Written out, so that it means the folder beside the file, wherever a command is run.
    let mut set = vec![("lang", answers.lang.word().to_owned()), ("data.folder", "data".to_owned())];
    if let Some(tenant) = answers.tenant {
        let cloud = if answers.cloud == super::admin::CloudWord::Public { "public" } else { "us_government" };
        set.extend([("connections.*.tenant", tenant.to_string()), ("connections.*.cloud", cloud.to_owned())]);
    }
    let mut file = std::fs::File::create_new(path).with_context(|| path.display().to_string())?;
    file.write_all(sample(&set).as_bytes())?;
    Ok(())
}

async fn first(
    tools: &Tools,
    name: &str,
    (role, sign_in_name): (Role, &str),
    with_token: bool,
) -> anyhow::Result<First> {
    let new = NewUser { name: name.to_owned(), roles: BTreeSet::from([role]), scope: Scope::All };
    let user = add_user(tools, new, Actor::Program).await?;
    let token = if with_token {
        let expires = Some(tools.after(FIRST_TOKENS_GOOD_FOR));
        Some(issue_user_token(tools, user, "init", expires, Actor::Program).await?.secret)
    } else {
        None
    };
    let link = invite(tools, user, sign_in_name, SystemClock::new().now()).await?;
    Ok(First { role, user: user.to_string(), token, link: link.path })
}
