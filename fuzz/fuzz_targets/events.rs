//! Any bytes as an event: taken exactly when they are a JSON object, and read without a surprise. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/events.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
