//! Every key that can be set, with its kind, its default and what it is for. The sample, the check of unknown keys,
//! the environment's names and `config show` all come from here.

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// A time zone, by its name in the tz database.
    Zone,
    /// An id, or nothing.
    Id,
    /// Where to listen.
    Address,
    /// Where to listen, or nothing.
    AddressOrNone,
    /// A file or folder; relative to the file it is written in.
    Path,
    /// Text that is never shown; `KEY_file` names a file that holds it.
    Secret,
}

/// A key of the settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Its path, as in `server.listen`; `*` stands for a name of the user's own.
    pub(crate) path: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// Its value when nobody sets it.
    pub(crate) default: &'static str,
    /// What it is for.
    pub(crate) about: &'static str,
}

const fn key(path: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Key {
    Key { path, kind, default, about }
}

/// The table.
pub(crate) const KEYS: &[Key] = &[
    key(
        "lang",
        Kind::Word(&["en", "sv"]),
        "en",
        "The language that people are spoken to in, by every command: en or sv.",
    ),
    key(
        "time_zone",
        Kind::Zone,
        "",
        "The zone that times are shown in, as in Europe/Stockholm; empty: the machine's. Data for programs are in UTC.",
    ),
    key("data.folder", Kind::Path, "data", "Where the store and the keys are, unless they are told elsewhere."),
    key("server.listen", Kind::Address, "127.0.0.1:8477", "Where REST, intake and webhooks are served."),
    key(
        "server.metrics_listen",
        Kind::AddressOrNone,
        "",
        "A second address for /livez, /readyz and /metrics; empty: the first serves them too.",
    ),
    key(
        "server.public_url",
        Kind::Text,
        "",
        "How Microsoft reaches this server, as in https://borgen.example.se: webhooks are registered there. Empty: polling only.",
    ),
    key(
        "store.url",
        Kind::Text,
        "",
        "sqlite:PATH or postgres://user@host/database; empty: borgen.db in the data folder.",
    ),
    key(
        "keys.master_file",
        Kind::Path,
        "",
        "The key that wraps the keys of personal data; empty: keys/master.key in the data folder. Keep a copy elsewhere: without it they can't be read.",
    ),
    key(
        "keys.master",
        Kind::Secret,
        "",
        "The same key itself, where a platform hands secrets over by the environment; goes before the file.",
    ),
    key(
        "keys.signing_file",
        Kind::Path,
        "",
        "The key that checkpoints of the journal are signed with; empty: keys/signing.pem in the data folder.",
    ),
    key(
        "entra.tenant",
        Kind::Id,
        "",
        "The Entra tenant whose people sign in here; empty: only local accounts. Its app roles are named as Borgen's: admin_agent and so on.",
    ),
    key("entra.client_id", Kind::Text, "", "The id of the application you registered there for signing in."),
    key("entra.client_secret", Kind::Secret, "", "Its secret."),
    key("detection.rules", Kind::Path, "", "A folder of detection rules beside those that ship; empty: only those."),
    key("log.filter", Kind::Text, "info", "Which log lines are written, as in info,runtime=debug."),
    key("log.format", Kind::Word(&["text", "json"]), "text", "The form of log lines: text or json."),
    key(
        "client.server",
        Kind::Text,
        "",
        "The server that cases, action, policy and the other commands talk to, as in https://borgen.example.se; empty: the one that listens where server.listen says.",
    ),
    key("client.token", Kind::Secret, "", "The token they show it; also BORGEN_TOKEN."),
    key("client.time_limit_seconds", Kind::Number(1, 3600), "30", "How long they wait for an answer, in seconds."),
    key("connections.*.tenant", Kind::Id, "", "Your own Partner Center tenant."),
    key(
        "connections.*.cloud",
        Kind::Word(&["public", "us_government", "sandbox"]),
        "public",
        "Microsoft's cloud: public or us_government; sandbox is the simulated Microsoft at `base`.",
    ),
    key(
        "connections.*.base",
        Kind::Text,
        "",
        "Where the simulated Microsoft is, as in http://127.0.0.1:8478; only for cloud = \"sandbox\".",
    ),
    key(
        "connections.*.webhook_roots",
        Kind::Path,
        "",
        "A PEM file with the root that Microsoft's webhook certificate goes back to, and those between the two; empty: webhooks are refused and alerts are polled.",
    ),
    key("connections.*.client_id", Kind::Text, "", "The id of the application you registered for Borgen."),
    key("connections.*.client_secret", Kind::Secret, "", "Its secret."),
    key(
        "connections.*.refresh_token",
        Kind::Secret,
        "",
        "The first refresh token of the administrator it acts for; later ones are kept by Borgen.",
    ),
    key(
        "channels.*.kind",
        Kind::Word(&["webhook", "teams"]),
        "webhook",
        "How somebody on call is reached: webhook (signed, as Standard Webhooks has it) or teams (a workflow that takes webhook requests). on-call.toml of the policy says who is reached by which channel.",
    ),
    key(
        "channels.*.url",
        Kind::Secret,
        "",
        "Its address, with https. For a workflow of Teams the address is the secret.",
    ),
    key(
        "channels.*.secret",
        Kind::Secret,
        "",
        "What a webhook's messages are signed with: whsec_ and the base64 of 24 to 64 random bytes.",
    ),
];

/// The key with a path, with a name in place of `*`, or the `_file` of a secret.
pub(crate) fn find(path: &str) -> Option<(&'static Key, bool)> {
    let by = |path: &str| KEYS.iter().find(|key| matches(key.path, path));
    let as_file = || path.strip_suffix("_file").and_then(by).filter(|key| key.kind == Kind::Secret);
    by(path).map(|key| (key, false)).or_else(|| as_file().map(|key| (key, true)))
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('.'), path.split('.'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(name)) if !name.is_empty() => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return false,
        }
    }
}

/// The known path that is most like a wrong one, when one is near enough to be meant.
pub(crate) fn nearest(wrong: &str) -> Option<String> {
    let names: Vec<&str> = wrong.split('.').collect();
    let candidates = KEYS.iter().map(|key| {
        let parts = key.path.split('.').enumerate();
        parts
            .map(|(at, part)| if part == "*" { names.get(at).copied().unwrap_or("NAME") } else { part })
            .collect::<Vec<_>>()
            .join(".")
    });
    let measured = candidates.map(|candidate| (distance(&candidate, wrong), candidate));
    let last = wrong.rsplit('.').next().unwrap_or(wrong);
    let by_last_part = || {
        let found = KEYS.iter().find(|key| key.path.rsplit('.').next() == Some(last));
        found.map(|key| key.path.to_owned())
    };
    measured.filter(|(distance, _)| *distance <= 3).min().map(|(_, candidate)| candidate).or_else(by_last_part)
}

/// How many letters have to be put in, taken out or changed.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, letter) in one.chars().enumerate() {
        let mut next = vec![number + 1];
        for (place, against) in other.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let changed = at(&row, place) + usize::from(letter != *against);
            next.push(changed.min(at(&row, place + 1) + 1).min(at(&next, place) + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, find, nearest};

    #[test]
    fn keys_are_found_with_names_of_the_users_own_and_secrets_also_as_files() {
        assert!(find("server.listen").is_some());
        assert!(find("connections.north.tenant").is_some());
        assert!(find("connections.north.client_secret_file").is_some_and(|(_, as_file)| as_file));
        assert!(find("server.listen_file").is_none());
        assert!(find("connections.north").is_none());
    }

    #[test]
    fn a_slip_of_the_pen_is_told_what_it_was_near_to() {
        assert_eq!(distance("listen", "lisen"), 1);
        assert_eq!(nearest("server.lisen").as_deref(), Some("server.listen"));
        assert_eq!(nearest("connections.north.tennant").as_deref(), Some("connections.north.tenant"));
        assert_eq!(nearest("listen").as_deref(), Some("server.listen"));
        assert_eq!(nearest("entirely.something.else"), None);
    }
}
