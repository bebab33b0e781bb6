//! Any text as a condition: refused at a place within it, or a condition that can be evaluated. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/conditions.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
