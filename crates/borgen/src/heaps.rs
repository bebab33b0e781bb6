//! How many heaps the allocator keeps. GNU's C library gives the threads of a program up to eight heaps for each core, and
//! what one of them has once held is not given to the others: with 1,200 customers that was a quarter of the program. It
//! reads the bound from the environment alone, before the program begins, so a server begins once more with it set.

use crate::cli::Command;

/// What the C library reads; see `mallopt(3)`.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const BOUND: &str = "MALLOC_ARENA_MAX";
/// Another way to say the same, which stands over it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const TUNABLES: &str = "GLIBC_TUNABLES";

/// Whether a command serves for long.
const fn serves(command: &Command) -> bool {
    matches!(command, Command::Serve(_) | Command::Demo(_) | Command::Sandbox(_))
}

/// Begins the program once more with as many heaps as there are cores, as the same process, unless somebody has set how
/// many there are. Where that fails, the program goes on as it is and takes more memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn bound(command: &Command, cores: usize) {
    use std::os::unix::process::CommandExt as _;
    let is_set = |name| std::env::var_os(name).is_some();
    let Ok(program) = std::env::current_exe() else { return };
    if !serves(command) || is_set(BOUND) || is_set(TUNABLES) {
        return;
    }
    let mut words = std::env::args_os();
    let mut again = std::process::Command::new(&program);
    again.arg0(words.next().unwrap_or_else(|| program.into())).args(words).env(BOUND, cores.to_string());
    // It returns only when it did not come about.
    let _ = again.exec();
}

/// Other systems have other allocators.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) const fn bound(command: &Command, _: usize) {
    let _ = serves(command);
}
