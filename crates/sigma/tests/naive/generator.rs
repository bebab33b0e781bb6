//! Random rules, and random events in every shape that the logs have, drawn from the same few
//! values so that they meet. Equal seeds give equal draws.

use serde_json::{Value as Event, json};

use super::rule::{Condition, Line, Rule, Selection, Value};

/// A small generator of numbers.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        usize::try_from(mixed >> 33).unwrap() % limit
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

const TEXTS: &[&str] = &[
    "alpha",
    "Alpha",
    "ALPHA beta",
    "beta",
    "alphabeta",
    "",
    "a",
    "ab*c",
    "a\\b",
    "a\\\\b",
    "line\nbreak",
    "5",
    "5.0",
    "50",
    "true",
    "False",
    "null",
    "Återställ",
    "ÅTERSTÄLL",
    "straße",
    "STRASSE",
    "-x",
    "/x",
    "\u{2013}x",
    "10.1.2.3",
    "10.1.9.9:443",
    "192.0.2.7",
    "2026-05-04T13:07:09Z",
    "2026-05-04 23:59:00",
    "{\"b\":\"alpha\"}",
    "[{\"b\":5}]",
    "YWxwaGE=",
    "xxYWxwaGE",
    "\"alpha\"",
    "Microsoft.Compute/virtualMachines/write",
    "Set-Mailbox",
    "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
    "Add user",
    "Success",
    "Succeeded",
    "failed",
    "50126",
    "İx",
    "😀 alpha",
];
const NUMBERS: &[&str] =
    &["0", "5", "-5", "5.5", "50", "50126", "9007199254740993", "9007199254740992", "18446744073709551615"];

/// A log source with the fields its rules name and the shapes its events have.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    pub product: &'static str,
    pub service: &'static str,
    pub fields: &'static [&'static str],
    pub shape: fn(&mut Dice) -> Event,
}

pub const LOGS: &[Log] = &[
    Log {
        product: "azure",
        service: "activitylogs",
        fields: &[
            "operationName",
            "eventName",
            "properties.message",
            "category",
            "status",
            "resultType",
            "caller",
            "scope",
            "location",
            "vmSize",
            "ResourceProvider",
            "subscriptionId",
            "identity.claims.name",
            "properties.requestbody",
            "properties.requestbody.location",
            "roleDefinitionId",
            "httpRequest.clientIpAddress",
            "level",
        ],
        shape: activity,
    },
    Log {
        product: "azure",
        service: "auditlogs",
        fields: &[
            "operationName",
            "activityDisplayName",
            "properties.message",
            "initiatedBy.user.userPrincipalName",
            "result",
            "targetResources.displayName",
            "targetResources.modifiedProperties.Role",
            "TargetResources",
            "Initiatied.By",
            "ConsentContext.IsAdminConsent",
            "status",
            "loggedByService",
            "additionalInfo",
        ],
        shape: audit,
    },
    Log {
        product: "m365",
        service: "audit",
        fields: &[
            "Operation",
            "eventName",
            "eventSource",
            "Workload",
            "Parameters",
            "Parameters.ForwardTo",
            "status",
            "ClientIP",
            "ResultStatus",
            "Payload",
            "requestType",
            "AuditData.Operation",
            "OperationProperties",
            "UserId",
            "RecordType",
        ],
        shape: office,
    },
    Log {
        product: "linux",
        service: "auditd",
        fields: &["f", "g", "F", "a.b", "a.b.c", "list", "list.b", "missing", "a", "deep.list.x"],
        shape: plain,
    },
];

fn scalar(dice: &mut Dice) -> Event {
    match dice.below(10) {
        0 => Event::Null,
        1 => Event::Bool(dice.one_in(2)),
        2 | 3 => serde_json::from_str(dice.pick(NUMBERS)).unwrap(),
        _ => json!(dice.pick(TEXTS)),
    }
}

/// Any value: a scalar, a list, an object, or JSON inside a text.
fn value(dice: &mut Dice, depth: usize) -> Event {
    match dice.below(if depth == 0 { 6 } else { 10 }) {
        6 => Event::Array((0..dice.below(4)).map(|_| value(dice, depth - 1)).collect()),
        7 => object(dice, depth, &["b", "c", "x", "B", "b.c"]),
        8 => {
            json!([{"Name": dice.pick(&["ForwardTo", "forwardto", "Role", "b"]), "Value": value(dice, depth - 1)}, object(dice, depth, &["b"])])
        }
        9 => json!(value(dice, depth - 1).to_string()),
        _ => scalar(dice),
    }
}

fn object(dice: &mut Dice, depth: usize, keys: &[&str]) -> Event {
    keys.iter()
        .filter_map(|key| if dice.one_in(3) { None } else { Some(((*key).to_owned(), value(dice, depth - 1))) })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Puts fields on top, each with some chance, in some letter case.
fn sprinkle(dice: &mut Dice, event: &mut Event, keys: &[&str], depth: usize) {
    for key in keys {
        if !dice.one_in(3) {
            let name = if dice.one_in(8) { key.to_uppercase() } else { (*key).to_owned() };
            event[name] = value(dice, depth);
        }
    }
}

fn operation(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "Microsoft.Compute/virtualMachines/write",
        "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
        "Microsoft.X/y/delete",
    ])
}

fn activity(dice: &mut Dice) -> Event {
    let body = json!({"location": dice.pick(TEXTS), "properties": {"hardwareProfile": {"vmSize": scalar(dice)}, "roleDefinitionId": scalar(dice)}});
    let body = if dice.one_in(2) { json!(body.to_string()) } else { body };
    let mut event = match dice.below(3) {
        0 => {
            json!({"time": "2026-05-04T10:00:00Z", "operationName": operation(dice), "category": "Administrative", "resultType": dice.pick(TEXTS),
            "resourceId": "/SUBSCRIPTIONS/5/x", "identity": {"claims": object(dice, 1, &["name", "appid"])}, "properties": {"requestbody": body}})
        }
        1 => {
            json!({"eventTimestamp": "2026-05-04T10:00:00Z", "operationName": {"value": operation(dice), "localizedValue": scalar(dice)},
            "status": {"value": scalar(dice)}, "caller": scalar(dice), "httpRequest": {"clientIpAddress": scalar(dice)}, "properties": {"responseBody": body}})
        }
        _ => {
            json!({"OperationNameValue": operation(dice), "ActivityStatusValue": scalar(dice), "Caller": scalar(dice), "Type": "AzureActivity",
            "Properties": json!({"requestbody": body}).to_string()})
        }
    };
    sprinkle(dice, &mut event, &["level", "location", "f"], 2);
    event
}

fn audit(dice: &mut Dice) -> Event {
    let target = json!([{"displayName": scalar(dice), "type": "User", "modifiedProperties": [
        {"displayName": dice.pick(&["Role", "ConsentContext.IsAdminConsent"]), "newValue": json!(scalar(dice).to_string()), "oldValue": null}]}]);
    let record = json!({"activityDisplayName": scalar(dice), "targetResources": target, "result": scalar(dice), "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"userPrincipalName": scalar(dice), "ipAddress": scalar(dice)}}, "additionalDetails": [{"key": "additionalInfo", "value": scalar(dice)}]});
    let mut event = match dice.below(3) {
        0 => {
            json!({"time": "2026-05-04T10:00:00Z", "category": "AuditLogs", "operationName": scalar(dice), "properties": record})
        }
        1 => record,
        _ => {
            json!({"Type": "AuditLogs", "OperationName": scalar(dice), "TargetResources": record["targetResources"].to_string(),
            "InitiatedBy": record["initiatedBy"].to_string(), "Result": scalar(dice)})
        }
    };
    sprinkle(dice, &mut event, &["status", "f"], 2);
    event
}

fn office(dice: &mut Dice) -> Event {
    let parameters =
        json!([{"Name": "ForwardTo", "Value": scalar(dice)}, {"Name": "Identity", "Value": value(dice, 1)}]);
    let operation = dice.pick(&["Set-Mailbox", "New-InboxRule", "Add user", "alpha"]);
    let record = json!({"Operation": operation, "Workload": dice.pick(&["Exchange", "AzureActiveDirectory"]), "ResultStatus": scalar(dice),
        "RecordType": scalar(dice), "Parameters": parameters, "ClientIP": scalar(dice),
        "ExtendedProperties": [{"Name": "RequestType", "Value": scalar(dice)}]});
    let mut event = match dice.below(3) {
        0 => record,
        1 => json!({"AuditData": record.to_string(), "Operations": operation, "CreationDate": "2026-05-04 10:00:00"}),
        _ => {
            json!({"Type": "OfficeActivity", "Operation": operation, "OfficeWorkload": "Exchange", "Parameters": record["Parameters"].to_string(), "UserId": scalar(dice)})
        }
    };
    sprinkle(dice, &mut event, &["Data", "UserId", "f"], 2);
    event
}

fn plain(dice: &mut Dice) -> Event {
    let mut event = json!({});
    sprinkle(dice, &mut event, &["f", "g", "a", "list", "a.b", "b", "deep"], 3);
    event
}

/// A rule for a log.
pub fn rule(dice: &mut Dice, log: &Log, id: String) -> Rule {
    let names = ["sel_a", "sel_b", "other", "_hidden"];
    let count = 1 + dice.below(names.len());
    let selections: Vec<Selection> = names.iter().take(count).map(|name| selection(dice, log, name)).collect();
    let names: Vec<&str> = names.into_iter().take(count).collect();
    Rule { id, product: log.product, service: log.service, condition: condition(dice, &names, 3), selections }
}

fn condition(dice: &mut Dice, names: &[&str], depth: usize) -> Condition {
    let several = |dice: &mut Dice| (0..2 + dice.below(2)).map(|_| condition(dice, names, depth - 1)).collect();
    match dice.below(if depth == 0 { 2 } else { 7 }) {
        2 => Condition::And(several(dice)),
        3 => Condition::Or(several(dice)),
        4 => Condition::Not(Box::new(condition(dice, names, depth - 1))),
        5 => Condition::Of([Some(1), None][dice.below(2)], "sel_".into()),
        _ => Condition::Name((dice.pick(names)).to_owned()),
    }
}

fn selection(dice: &mut Dice, log: &Log, name: &str) -> Selection {
    let words = |dice: &mut Dice, modifiers: Vec<&'static str>, count: usize| Line {
        field: None,
        values: (0..count).map(|_| word(dice, &modifiers)).collect(),
        modifiers,
    };
    let alternatives = match dice.below(10) {
        0 => vec![vec![words(dice, Vec::new(), 2)]],
        1 => vec![vec![words(dice, vec!["all"], 2)]],
        2 | 3 => (0..2).map(|_| lines(dice, log)).collect(),
        _ => vec![lines(dice, log)],
    };
    Selection { name: name.to_owned(), alternatives }
}

fn lines(dice: &mut Dice, log: &Log) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for _ in 0..=dice.below(3) {
        let line = line(dice, log);
        // The same key twice in a mapping is no YAML.
        if !out.iter().any(|l| l.field == line.field && l.modifiers == line.modifiers) {
            out.push(line);
        }
    }
    out
}

const CHAINS: &[&[&str]] = &[
    &[],
    &[],
    &[],
    &[],
    &["contains"],
    &["contains"],
    &["startswith"],
    &["endswith"],
    &["cased"],
    &["contains", "cased"],
    &["contains", "all"],
    &["all"],
    &["neq"],
    &["contains", "neq"],
    &["exists"],
    &["windash"],
    &["windash", "contains"],
    &["re"],
    &["re", "i"],
    &["re", "i", "m", "s"],
    &["gt"],
    &["gte"],
    &["lt"],
    &["lte"],
    &["cidr"],
    &["fieldref"],
    &["fieldref", "neq"],
    &["fieldref", "startswith"],
    &["fieldref", "contains", "cased"],
    &["base64", "contains"],
    &["base64offset", "contains"],
    &["wide", "base64offset", "contains"],
    &["hour"],
    &["day", "gte"],
    &["month"],
    &["year", "lt"],
];

fn line(dice: &mut Dice, log: &Log) -> Line {
    let modifiers = dice.pick(CHAINS).to_vec();
    let field = Some((dice.pick(log.fields)).to_owned());
    let count = if modifiers.contains(&"all") {
        2
    } else if modifiers.contains(&"exists") {
        1
    } else {
        1 + dice.below(3)
    };
    let fixed = |texts: &[&str], dice: &mut Dice| Value::Text((dice.pick(texts)).to_owned());
    let one = |dice: &mut Dice| match modifiers.as_slice() {
        ["exists"] => Value::Bool(dice.one_in(2)),
        ["re", ..] => fixed(&["^al", "a.*b", "b$", "line.break", "^break", "[0-9]{2}", "å", "\\\\", "^$"], dice),
        ["gt" | "gte" | "lt" | "lte"] | ["hour" | "day" | "month" | "year", ..] => {
            Value::Number((dice.pick(&["0", "5", "13", "4", "5.5", "50", "2026", "9007199254740993"])).to_owned())
        }
        ["cidr"] => fixed(&["10.0.0.0/8", "10.1.2.0/24", "192.0.2.7/32", "0.0.0.0/0"], dice),
        ["fieldref", ..] => fixed(log.fields, dice),
        ["base64" | "base64offset" | "wide", ..] => fixed(&["alpha", "a", "ab", "å"], dice),
        [] | ["neq"] if dice.one_in(4) => match dice.below(3) {
            0 => Value::Null,
            1 => Value::Bool(dice.one_in(2)),
            _ => Value::Number((dice.pick(NUMBERS)).to_owned()),
        },
        modifiers => word(dice, modifiers),
    };
    let mut values: Vec<Value> = (0..count).map(|_| one(dice)).collect();
    // Whole numbers only: a part of a date is one.
    if ["hour", "day", "month", "year"].iter().any(|part| modifiers.contains(part)) {
        values.retain(|value| !matches!(value, Value::Number(n) if n.contains('.')));
        if values.is_empty() {
            values.push(Value::Number("13".into()));
        }
    }
    Line { field, modifiers, values }
}

/// A text of the common stock, bent: another letter case, a part of it, a wildcard in it.
fn word(dice: &mut Dice, modifiers: &[&str]) -> Value {
    let text = dice.pick(TEXTS);
    let mut chars: Vec<String> = text.chars().map(String::from).collect();
    if dice.one_in(3) && modifiers.iter().any(|m| ["contains", "all", "endswith"].contains(m)) && chars.len() > 2 {
        chars.remove(0);
    }
    if dice.one_in(5) && !chars.is_empty() {
        let at = dice.below(chars.len());
        chars[at] = dice.pick(&["*", "?", "**"]).into();
    }
    let text: String = chars.concat();
    Value::Text(match dice.below(4) {
        0 => text.to_uppercase().replace("SS", "ß"),
        1 => text.to_lowercase(),
        _ => text,
    })
}
