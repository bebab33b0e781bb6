//! The program as scripts run it: its streams and exits, and a server beside it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program, in a folder and with nothing of the machine's environment.
pub(crate) fn borgen(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgen"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder);
    command
}

/// Exit, standard output, standard error.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    told(borgen(folder).args(arguments).stdin(Stdio::null()).output().unwrap())
}

/// The same, with a user's token.
pub(crate) fn run_as(folder: &Path, token: &str, arguments: &[&str]) -> (i32, String, String) {
    told(borgen(folder).args(arguments).env("BORGEN_TOKEN", token).stdin(Stdio::null()).output().unwrap())
}

pub(crate) fn told(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A server of the installation in a folder, until it is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut command = borgen(folder);
        command.args(["serve", "--listen", "127.0.0.1:0", "--lang", "en", "--set", "log.filter=warn"]);
        Self::of(command, "Serving on ")
    }

    /// Starts a command that serves, and reads its address behind a word on standard error.
    pub(crate) fn of(mut command: Command, before: &str) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let url = loop {
            let Some(line) = lines.next() else { panic!("it ended: {said:?}") };
            let line = line.unwrap();
            if let Some((_, rest)) = line.split_once(before) {
                break rest.split_whitespace().next().unwrap().trim_end_matches('.').to_owned();
            }
            said.push(line);
        };
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }
}

impl Drop for Serving {
    /// Asks it to end, as a service manager does, and waits, so that the store is free again.
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
