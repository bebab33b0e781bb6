//! Reading CPU time and memory of this process, and writing a row.

use rustix::time::{ClockId, clock_gettime};

/// CPU seconds of this thread.
pub fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Resident memory of this process.
pub fn resident_bytes() -> i64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: i64 = text.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * 4096
}

/// Writes one row.
pub fn report(corpus: &str, engine: &str, rules: usize, events: usize, bytes: usize, findings: u64, seconds: &[f64]) {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (best, median) = (sorted[0], sorted[sorted.len() / 2]);
    let rate = |s: f64| (events as f64 / s).round();
    println!(
        "{}",
        serde_json::json!({"measure": "speed", "corpus": corpus, "engine": engine, "rules": rules, "events": events, "megabytes": bytes / 1_000_000, "findings": findings,
            "events_per_second_best": rate(best), "events_per_second_median": rate(median), "microseconds_median": (median / events as f64 * 1e8).round() / 100.0})
    );
}
