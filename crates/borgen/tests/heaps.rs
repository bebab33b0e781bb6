//! A server bounds the heaps of its allocator, as the very process that was started, and leaves them to who bounds them.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often the process is looked at, and how long between.
const LOOKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// A started program, which is ended with the test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn sandbox(bound: Option<&str>) -> Started {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgen"));
    command.args(["sandbox", "serve", "--customers", "1", "--listen", "127.0.0.1:0"]);
    command
        .env_remove("MALLOC_ARENA_MAX")
        .env_remove("GLIBC_TUNABLES")
        .envs(bound.map(|many| ("MALLOC_ARENA_MAX", many)));
    Started(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// What a running process has set for its heaps.
fn bound_of(started: &mut Started) -> String {
    for _ in 0..LOOKS {
        let environment = std::fs::read(format!("/proc/{}/environ", started.0.id())).unwrap();
        let set = environment.split(|byte| *byte == 0).find_map(|one| one.strip_prefix(b"MALLOC_ARENA_MAX="));
        if let Some(many) = set {
            return String::from_utf8_lossy(many).into_owned();
        }
        assert!(started.0.try_wait().unwrap().is_none(), "it has ended");
        std::thread::sleep(PAUSE);
    }
    panic!("the heaps are not bounded");
}

#[test]
fn a_server_has_as_many_heaps_as_cores_unless_told_otherwise() {
    let cores = std::thread::available_parallelism().unwrap().to_string();
    let mut started = sandbox(None);
    assert_eq!(bound_of(&mut started), cores);
    let words = std::fs::read_to_string(format!("/proc/{}/cmdline", started.0.id())).unwrap();
    let words: Vec<&str> = words.split_terminator('\0').skip(1).collect();
    assert_eq!(words, ["sandbox", "serve", "--customers", "1", "--listen", "127.0.0.1:0"]);
    assert_eq!(bound_of(&mut sandbox(Some("7"))), "7");
}
