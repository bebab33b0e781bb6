//! The bodies of the fuzz targets, driven without the fuzzer: every kept input (what once broke something lies there for
//! good), and inputs made from them by a fixed seed. The fuzzer itself searches longer, in `.ci/run`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a body stops at the first surprise, and says how much it tried"
)]

use std::path::Path;
use std::time::{Duration, Instant};
use whole::scheduler::Chance;

#[path = "../../fuzz/bodies/checkpoints.rs"]
mod checkpoints;
#[path = "../../fuzz/bodies/conditions.rs"]
mod conditions;
#[path = "../../fuzz/bodies/events.rs"]
mod events;
#[path = "../../fuzz/bodies/facts.rs"]
mod facts;
#[path = "../../fuzz/bodies/lines.rs"]
mod lines;
#[path = "../../fuzz/bodies/patterns.rs"]
mod patterns;
#[path = "../../fuzz/bodies/policies.rs"]
mod policies;
#[path = "../../fuzz/bodies/rules.rs"]
mod rules;

/// The fewest inputs that are made for each body, however slow the machine is.
const MIN_INPUTS: usize = 200;
/// The most.
const MAX_INPUTS: usize = 20_000;
/// How long each body is driven beyond the fewest.
const DRIVEN_FOR: Duration = Duration::from_secs(4);
/// The largest input that is made.
const MAX_INPUT_BYTES: usize = 16 * 1024;

/// What parsers trip over.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\\u0000",
    b"\\ud800",
    b"9999999999999999999",
    b"-0",
    b"1e999",
    b"null",
    b"true",
    b"*",
    b"?",
    b"|",
    b"(",
    b")",
    b" and not ",
    b"1 of them",
    b": ",
    b"- ",
    b"---\n",
    b"&a ",
    b"*a",
    b"!!binary ",
    b"= \"",
    b"[[step]]\n",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    "å".as_bytes(),
    b"\xef\xbb\xbf",
];

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Another input, made from one or two others.
fn made_from(seeds: &[Vec<u8>], chance: &Chance) -> Vec<u8> {
    let mut input = seeds.get(chance.below(seeds.len())).cloned().unwrap_or_default();
    for _ in 0..=chance.below(5) {
        let at = chance.below(input.len() + 1);
        match chance.below(6) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            1 => {
                let piece = PIECES.get(chance.below(PIECES.len())).copied().unwrap_or_default();
                input.splice(at..at, piece.iter().copied());
            }
            2 => {
                let end = (at + chance.below(40)).min(input.len());
                input.drain(at..end);
            }
            3 => {
                let end = (at + chance.below(200)).min(input.len());
                let again: Vec<u8> = input.get(at..end).unwrap_or_default().to_vec();
                for _ in 0..=chance.below(8) {
                    input.splice(at..at, again.iter().copied());
                }
            }
            4 => input.truncate(at),
            _ => {
                let other = seeds.get(chance.below(seeds.len())).cloned().unwrap_or_default();
                let from = chance.below(other.len() + 1);
                input.truncate(at);
                input.extend(other.into_iter().skip(from));
            }
        }
        input.truncate(MAX_INPUT_BYTES);
    }
    input
}

fn drive(name: &str, run: fn(&[u8])) {
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "fuzz/seeds/{name} is empty");
    let shown = |input: &[u8]| {
        let tried = std::panic::catch_unwind(|| run(input));
        if tried.is_err() {
            let text = String::from_utf8_lossy(input).into_owned();
            panic!("{name} broke on {input:?}\n{text}\nkeep it in fuzz/seeds/{name}");
        }
    };
    for seed in &seeds {
        shown(seed);
    }
    let chance = Chance::new(20_261_122);
    let begun = now();
    let mut count = 0;
    while count < MIN_INPUTS || (count < MAX_INPUTS && begun.elapsed() < DRIVEN_FOR) {
        shown(&made_from(&seeds, &chance));
        count += 1;
    }
    println!("{name}: {} kept and {count} made inputs", seeds.len());
}

#[expect(clippy::disallowed_methods, reason = "how long a body is driven is no time of the program's")]
fn now() -> Instant {
    Instant::now()
}

macro_rules! bodies {
    ($($test:ident: $body:ident;)*) => {$(
        #[test]
        fn $test() {
            drive(stringify!($body), $body::run);
        }
    )*};
}

bodies! {
    any_text_as_rules: rules;
    any_bytes_as_an_event: events;
    any_text_as_a_pattern: patterns;
    any_text_as_a_condition: conditions;
    any_bytes_as_a_file_of_events: lines;
    any_bytes_as_a_checkpoint_of_the_engine: checkpoints;
    any_bytes_as_a_policy_file: policies;
    any_bytes_as_a_fact: facts;
}
