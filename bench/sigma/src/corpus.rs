//! The lines to be measured and the rules to be loaded.

use sigma::Source;

/// The least size of the lines together: larger than the caches.
const LEAST_BYTES: usize = 96 << 20;

/// Lines in shuffled order, each in memory of its own.
pub struct Corpus {
    pub lines: Vec<Vec<u8>>,
}

impl Corpus {
    /// Reads the shared logs whose path is wanted, repeats them and shuffles.
    pub fn read(shared: &str, wanted: impl Fn(&str) -> bool) -> Self {
        Self::shuffled(Self::distinct(shared, wanted))
    }

    fn distinct(shared: &str, wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
        let mut distinct = Vec::new();
        let root = std::path::Path::new(shared).join("data/activity-logs");
        for file in sigma::reader::files(&root).expect("the shared logs") {
            let name = file.display().to_string();
            if !name.ends_with(".ndjson") || !wanted(&name) {
                continue;
            }
            let mut lines = sigma::reader::Lines::open(&file).expect("a log file");
            while let Some(item) = lines.next_item().expect("a log line") {
                if let sigma::reader::Item::Record { bytes, .. } = item {
                    distinct.push(bytes.to_vec());
                }
            }
        }
        distinct
    }

    /// Distinct lines in the order of the files.
    pub fn in_order(shared: &str, wanted: &str) -> Self {
        Self { lines: Self::distinct(shared, |name| name.contains(wanted)) }
    }

    fn shuffled(distinct: Vec<Vec<u8>>) -> Self {
        let size: usize = distinct.iter().map(Vec::len).sum();
        let copies = LEAST_BYTES / size.max(1) + 1;
        let mut order: Vec<usize> = (0..distinct.len() * copies).map(|n| n % distinct.len()).collect();
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for at in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(at, (state >> 33) as usize % (at + 1));
        }
        Self { lines: order.into_iter().map(|at| distinct[at].clone()).collect() }
    }
}

/// The 145 public rules for these clouds.
pub fn public_rules(shared: &str) -> Vec<Source> {
    let root = std::path::Path::new(shared).join("data/sigma-rules");
    let mut out = sigma::ruletest::sources(&root.join("rules")).expect("the shared rules");
    out.extend(sigma::ruletest::sources(&root.join("rules-threat-hunting")).expect("the shared rules"));
    out
}

/// Rules for other log sources, made to resemble the public ones: mostly `contains` and
/// `endswith` on process fields, some keywords, regular expressions and negations.
pub fn foreign_rules(count: usize) -> Vec<Source> {
    let sources = [("windows", "security"), ("windows", "sysmon"), ("linux", "auditd"), ("zeek", "dns"), ("aws", "cloudtrail"), ("okta", "okta"), ("cisco", "aaa"), ("macos", "unified")];
    (0..count)
        .map(|n| {
            let (product, service) = sources[n % sources.len()];
            let detection = match n % 10 {
                0..=4 => format!("  selection:\n    Image|endswith: '\\tool{n}.exe'\n    CommandLine|contains|all:\n      - ' -enc{n} '\n      - 'value{n}'\n  filter:\n    ParentImage|endswith: '\\parent{n}.exe'\n  condition: selection and not filter"),
                5 | 6 => format!("  selection:\n    EventID: {n}\n    TargetObject|contains:\n      - 'key{n}\\one'\n      - 'key{n}\\two'\n      - 'key{n}\\three'\n  condition: selection"),
                7 => format!("  selection:\n    eventName:\n      - Operation{n}\n      - Other{n}\n  condition: selection"),
                8 => format!("  keywords:\n    - 'needle-{n}'\n    - 'haystack-{n}'\n  condition: keywords"),
                _ => format!("  selection:\n    CommandLine|re: 'tool{n}[a-z]{{3,8}}\\.exe'\n  condition: selection"),
            };
            let text = format!("title: Made {n}\nid: 00000000-0000-4000-8000-{n:012}\nstatus: test\nlogsource:\n  product: {product}\n  service: {service}\ndetection:\n{detection}\nlevel: low\n");
            Source { name: format!("made/{n:05}.yml"), text }
        })
        .collect()
}
