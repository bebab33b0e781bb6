//! Any bytes in place of a policy file: taken, or refused with a place within the file. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/policies.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
