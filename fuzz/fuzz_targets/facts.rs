//! Any bytes as a stored fact: refused, or a fact that folds into a file and is read again as it was. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/facts.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
