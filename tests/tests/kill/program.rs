//! The program as a process: set up by its own `init`, started with `serve`, killed without warning, or asked to stop.

use crate::calls::call;
use domain::ids::{AccountId, TenantId};
use sandbox::Running;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long the program may take until it serves.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How long it may take to stop when it is asked to, in tenths of a second.
const STOP_LIMIT_TENTHS: u32 = 1_200;
/// Lines of its talk that are kept for a failure's text.
const MAX_KEPT_LINES: usize = 60;

/// The program, serving.
pub(crate) struct Program {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    child: Child,
    talk: Talk,
}

/// What it says on standard error.
struct Talk {
    kept: Arc<Mutex<VecDeque<String>>>,
    address: Receiver<SocketAddr>,
}

/// What was set up before the first round.
pub(crate) struct First {
    /// The program, serving.
    pub(crate) program: Program,
    /// The tokens of the first users, by role.
    pub(crate) links: BTreeMap<String, String>,
    /// The account of the connection.
    pub(crate) connection: AccountId,
}

/// Where the program is: beside the folder that this test was built into.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("BORGEN_BINARY") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test.parent().and_then(Path::parent).expect("a test lies in target/PROFILE/deps");
    let path = folder.join(format!("borgen{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "{} is not there, and this test kills and starts it: build it with `cargo build -p borgen`",
        path.display()
    );
    path
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BORGEN_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).env("LANG", "C").env("NO_COLOR", "1").env("XDG_CONFIG_HOME", folder);
    command.args(["--lang", "en"]).args(words).stdin(Stdio::null());
    command
}

/// Sets the program up in an empty folder, with a connection to the simulated Microsoft, and starts it.
pub(crate) fn set_up(folder: &Path, microsoft: &Running) -> First {
    let made = command(folder, &["init", ".", "--non-interactive", "--admin", "Greta Lind"]).output().unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "init failed: {said}");
    let told = String::from_utf8_lossy(&made.stdout);
    let users = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |user: &Value, key: &str| user[key].as_str().unwrap_or_default().to_owned();
    let links = users.map(|user| (text(&user, "role"), text(&user, "link"))).collect();
    let credentials = microsoft.with_world(|world| world.credentials());
    let settings = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\n[log]\nfilter = \"debug\"\n\n[connections.sandbox]\ntenant = \"{}\"\n\
         cloud = \"sandbox\"\nbase = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\nrefresh_token = \"{}\"\n",
        credentials.partner_tenant,
        microsoft.origin(),
        credentials.client_id,
        credentials.client_secret,
        credentials.refresh_token
    );
    std::fs::write(folder.join("borgen.toml"), settings).unwrap();
    let connection = AccountId::of_connection(TenantId(credentials.partner_tenant), "public");
    First { program: Program::start(folder), links, connection }
}

/// Where every line that the program ever said is kept.
pub(crate) fn log_in(folder: &Path) -> PathBuf {
    folder.join("everything-said.log")
}

fn spawn(folder: &Path) -> (Child, Talk) {
    let mut child = command(folder, &["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let kept = Arc::new(Mutex::new(VecDeque::new()));
    let (send, address) = channel();
    let keeping = Arc::clone(&kept);
    let mut log = File::options().create(true).append(true).open(log_in(folder)).unwrap();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            writeln!(log, "{line}").unwrap();
            if let Some(address) = address_in(&line) {
                // Nobody listens when the program was killed meanwhile.
                let _ = send.send(address);
            }
            let mut kept = keeping.lock().unwrap();
            if kept.len() >= MAX_KEPT_LINES {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    });
    (child, Talk { kept, address })
}

/// The address of the line that says where the program serves.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.' && sign != ':').unwrap_or(rest.len());
    rest.get(..end)?.trim_end_matches('.').parse().ok()
}

/// Starts the program and kills it after a while, wherever it has come to.
pub(crate) fn start_and_kill(folder: &Path, lives: Duration) {
    let (mut child, talk) = spawn(folder);
    std::thread::sleep(lives);
    if let Some(status) = child.try_wait().unwrap() {
        panic!("the program ended by itself while it started ({status}):\n{}", talk.text());
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A test that fails leaves no program behind.
impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Talk {
    fn text(&self) -> String {
        self.kept.lock().unwrap().iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Program {
    /// Starts the program and waits until it serves. A store that can't be opened, or a lock that was left behind,
    /// ends the test here.
    pub(crate) fn start(folder: &Path) -> Self {
        let (mut child, talk) = spawn(folder);
        match talk.address.recv_timeout(START_LIMIT) {
            Ok(address) => Self { address, child, talk },
            Err(why) => {
                let ended = child.try_wait().unwrap();
                // It may be on its way still.
                let _ = child.kill();
                let _ = child.wait();
                let why = if why == RecvTimeoutError::Timeout { "did not serve in time" } else { "ended" };
                panic!("the program {why} ({ended:?}):\n{}", talk.text());
            }
        }
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) fn kill(mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the program ended by itself ({status}):\n{}", self.talk.text());
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it is ready, asks it to stop, and waits until it has.
    pub(crate) fn stop_gracefully(mut self) {
        let ready = call(self.address, "GET", "/readyz", &[], "").unwrap();
        assert_eq!(ready.status, 200, "not ready: {}\n{}", ready.body, self.talk.text());
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        for _ in 0..STOP_LIMIT_TENTHS {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "the program stopped with {status}:\n{}", self.talk.text());
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the program did not stop when it was asked to:\n{}", self.talk.text());
    }
}
