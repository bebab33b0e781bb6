//! Which log an event belongs to, and where each log keeps each concept.
//! The tables are data with their documentary sources; `route.rs` decides the log type,
//! `path.rs` reads a place in an event. Nothing here knows single rules.

mod activity;
mod entra;
mod office;
mod partner;
mod path;
mod route;

pub(crate) use path::{Leaf, Walk, compact, emit, leaves, lookup, walk};
pub use path::{MAX_NESTED_JSON, Path, Transform};
pub use route::LogType;
pub(crate) use route::{Marks, route};

use std::sync::LazyLock;

/// What a field means, whatever the log calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Concept {
    /// What was done.
    Operation,
    /// How it ended.
    Status,
    /// A text that explains how it ended.
    StatusReason,
    /// Result code of a sign-in.
    ResultCode,
    /// The log's own grouping.
    Category,
    /// Who did it.
    Caller,
    /// From which address.
    CallerIp,
    /// When it happened.
    EventTime,
    /// Identity of this record, equal in repeated deliveries.
    EventId,
    /// Ties the records of one operation together.
    CorrelationId,
    /// Entra tenant.
    TenantId,
    /// Azure subscription.
    SubscriptionId,
    /// What it was done to.
    ResourceId,
    /// Resource provider.
    Provider,
    /// Azure region, or the country of a sign-in.
    Location,
    /// Size of a virtual machine or scale set.
    VmSize,
    /// How many machines of that size a scale set has.
    Instances,
    /// Role definition given by a role assignment.
    RoleDefinition,
    /// Kind of principal a role assignment names.
    PrincipalType,
    /// Principal a role assignment names.
    PrincipalId,
    /// Parameters of a command.
    Parameters,
    /// The service that wrote the record.
    Service,
    /// Objects acted on.
    Targets,
    /// Kind of risk detection.
    RiskType,
    /// Client application or protocol.
    Client,
    /// User agent.
    UserAgent,
    /// Anything else that only needs its spellings joined.
    Other,
}

/// One concept in one log type.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it means.
    pub concept: Concept,
    /// What rules call it, besides the paths themselves. Letter case does not matter.
    pub spellings: &'static [&'static str],
    /// Where events keep it. `#name` after a path derives a value, see [`Transform`].
    pub paths: &'static [&'static str],
}

/// How one log type is read.
#[derive(Debug, Clone, Copy)]
pub struct Taxonomy {
    /// The concepts.
    pub entries: &'static [Entry],
    /// Wrappers around the record: the export form keeps in `properties` what Graph keeps on top.
    pub containers: &'static [&'static str],
    /// Strings that hold JSON are opened when a path leads into them.
    pub nested_json: bool,
    /// `{value, localizedValue}` stands for its value.
    pub localized: bool,
    /// Where the shape is documented.
    pub source: &'static str,
}

/// Used for events of no known log type: fields are read as the rule writes them.
const PLAIN: Taxonomy = Taxonomy {
    entries: &[],
    containers: &[],
    nested_json: false,
    localized: false,
    source: "none: fields are read as written",
};

/// Returns how events of a log type are read.
#[must_use]
pub fn taxonomy(log_type: LogType) -> &'static Taxonomy {
    match log_type {
        LogType::Activity => &activity::ACTIVITY,
        LogType::Resource => &activity::RESOURCE,
        LogType::Audit => &entra::AUDIT,
        LogType::SignIn => &entra::SIGN_IN,
        LogType::Risk => &entra::RISK,
        LogType::Office => &office::OFFICE,
        LogType::Defender => &office::DEFENDER,
        LogType::PartnerAudit => &partner::AUDIT,
        LogType::PartnerAlert => &partner::ALERT,
        LogType::Unknown => &PLAIN,
    }
}

/// Returns every place in events of `log_type` that can hold what a rule calls `field`.
/// The first is the field as written; all of them are read.
#[must_use]
pub fn plan(log_type: LogType, field: &str) -> Vec<Path> {
    let taxonomy = taxonomy(log_type);
    let mut texts: Vec<String> = vec![field.to_owned()];
    let bare = strip_container(taxonomy, field);
    for entry in taxonomy.entries {
        let named = |name: &&str| name.eq_ignore_ascii_case(field) || name.eq_ignore_ascii_case(bare);
        if entry.spellings.iter().any(named) || entry.paths.iter().any(named) {
            texts.extend(entry.paths.iter().map(|p| (*p).to_owned()));
        }
    }
    // Each place with its wrapped and bare forms, so that the field itself comes before its synonyms.
    let in_containers = |text: &String| {
        let bare = strip_container(taxonomy, text).to_owned();
        let wrapped: Vec<String> = taxonomy.containers.iter().map(|container| format!("{container}.{bare}")).collect();
        [text.clone(), bare].into_iter().chain(wrapped)
    };
    texts = texts.iter().flat_map(in_containers).collect();
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|text| seen.insert(text.to_ascii_lowercase()));
    texts.iter().map(|text| Path::new(text)).collect()
}

/// Every key that some log has on top, those that decide the log type first.
pub(crate) fn top_keys() -> impl Iterator<Item = &'static str> {
    let first = |path: &'static str| path.split(['.', '#']).next().unwrap_or(path);
    let of_logs = LogType::ALL.into_iter().flat_map(move |log_type| {
        let taxonomy = taxonomy(log_type);
        taxonomy
            .containers
            .iter()
            .copied()
            .chain(taxonomy.entries.iter().flat_map(move |entry| entry.paths.iter().map(move |path| first(path))))
    });
    route::DECIDING.into_iter().chain(route::MARKS.iter().map(|(name, _)| *name)).chain(of_logs)
}

/// Concepts with their places.
type Places = Vec<(Concept, Vec<Path>)>;

/// Returns the places of a concept in events of a log type, in order of preference.
#[must_use]
pub fn concept_paths(log_type: LogType, concept: Concept) -> &'static [Path] {
    static PATHS: LazyLock<Vec<Places>> = LazyLock::new(|| LogType::ALL.into_iter().map(concepts_of).collect());
    let of_log = PATHS.get(log_type.index()).map_or(&[][..], Vec::as_slice);
    of_log.iter().find(|(known, _)| *known == concept).map_or(&[], |(_, paths)| paths.as_slice())
}

/// The concepts of a log type with their places, each once.
fn concepts_of(log_type: LogType) -> Places {
    let taxonomy = taxonomy(log_type);
    let mut all: Places = Vec::new();
    for entry in taxonomy.entries {
        let wrapped = |path: &str| {
            let inner = taxonomy.containers.iter().map(move |container| format!("{container}.{path}"));
            std::iter::once(path.to_owned()).chain(inner).collect::<Vec<_>>()
        };
        let paths = entry.paths.iter().flat_map(|path| wrapped(path)).map(|path| Path::new(&path));
        match all.iter_mut().find(|(concept, _)| *concept == entry.concept) {
            Some((_, known)) => known.extend(paths),
            None => all.push((entry.concept, paths.collect())),
        }
    }
    all
}

fn strip_container<'t>(taxonomy: &Taxonomy, field: &'t str) -> &'t str {
    for container in taxonomy.containers {
        let (Some(head), Some(tail)) = (field.get(..container.len()), field.get(container.len()..)) else { continue };
        if let (true, Some(bare)) = (head.eq_ignore_ascii_case(container), tail.strip_prefix('.')) {
            return bare;
        }
    }
    field
}
