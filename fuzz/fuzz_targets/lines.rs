//! Any bytes as a file of events: reading ends, counts its lines upwards, and gives back no more than it was given. The body is driven by a test as well.
#![no_main]

#[path = "../bodies/lines.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
