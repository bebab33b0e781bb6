//! Any bytes as a checkpoint: refused, or an engine that goes on and writes what it can read again. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/checkpoints.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
