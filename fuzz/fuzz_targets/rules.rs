//! Any text as a rule file: it is taken or refused with a place in the file; a set that was taken evaluates any event. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/rules.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
