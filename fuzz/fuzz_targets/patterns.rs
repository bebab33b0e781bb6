//! Any text as a value with wildcards, as a regular expression and as a network, against any text of an event. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/patterns.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
