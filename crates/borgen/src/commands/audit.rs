//! `borgen audit`: the journal as proof. Verifying needs nothing but the file, the public key and, for the whole
//! proof, a checkpoint that was kept elsewhere.

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use crate::wiring::keys;
use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The commands about the journal.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Write the whole journal of the server to a file, or to standard output
    Export {
        /// The file; else standard output
        file: Option<PathBuf>,
    },
    /// Verify an export: edited, deleted, reordered, inserted, cut off, rewritten, clock set back
    Verify(Verify),
    /// The newest signed checkpoint of the server: keep it where nobody who runs Borgen can change it
    Checkpoint {
        /// The file; else standard output
        file: Option<PathBuf>,
    },
    /// The public key that checkpoints are verified with
    Key,
}

/// Verifying.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The export
    export: PathBuf,
    /// The public key, or a file with it
    #[arg(long)]
    key: String,
    /// A checkpoint that was kept elsewhere; without it truncation and rewriting are not proven to be absent
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Runs a command about the journal.
pub(crate) async fn run(console: &Console, command: Audit) -> anyhow::Result<Exit> {
    match command {
        Audit::Export { file } => export(console, file).await,
        Audit::Verify(verify) => self::verify(console, &verify),
        Audit::Checkpoint { file } => {
            let body = super::remote(console)?.get("/audit/checkpoint").await?.body;
            let note = body.get("note").or(body.get("checkpoint")).and_then(Value::as_str).unwrap_or_default().to_owned();
            match file {
                Some(file) => std::fs::write(&file, note).with_context(|| file.display().to_string())?,
                None => console.line(note.trim_end())?,
            }
            Ok(Exit::Done)
        }
        Audit::Key => {
            console.line(&keys::public_key(&keys::signing_key(&console.settings()?.signing_key_file())?))?;
            Ok(Exit::Done)
        }
    }
}

async fn export(console: &Console, file: Option<PathBuf>) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    let mut out: Box<dyn Write> = match &file {
        Some(file) => Box::new(BufWriter::new(File::create_new(file).with_context(|| file.display().to_string())?)),
        None => Box::new(std::io::stdout().lock()),
    };
    remote.stream("/audit/export", |piece| Ok(out.write_all(piece)?)).await?;
    out.flush()?;
    if let Some(file) = file {
        console.say("export-written", &[("file", &file.display())]);
    }
    Ok(Exit::Done)
}

fn verify(console: &Console, verify: &Verify) -> anyhow::Result<Exit> {
    let key = keys::public_key_from(&text_or_file(&verify.key)?)?;
    let checkpoint = verify.checkpoint.as_deref().map(read).transpose()?;
    let export = BufReader::new(File::open(&verify.export).with_context(|| verify.export.display().to_string())?);
    let report = crate::wiring::proof::verify(export, &key, checkpoint.as_deref())?;
    let shown = json!({
        "facts": report.facts,
        "accounts": report.accounts,
        "checkpoints": report.checkpoints,
        "verified": report.verified(),
        "problems": report.problems,
        "truncation": report.truncation,
        "rewrite": report.rewrite,
    });
    if console.output != Output::Table {
        console.line(&shown.to_string())?;
    }
    for problem in &report.problems {
        console.warn("verify-problem", &[("problem", problem)]);
    }
    console.say("verify-counted", &[("count", &report.facts), ("accounts", &report.accounts)]);
    if checkpoint.is_none() {
        console.warn("verify-not-proven", &[]);
    }
    if report.verified() {
        console.say("verify-good", &[]);
        return Ok(Exit::Done);
    }
    Ok(Exit::Refused)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn text_or_file(key: &str) -> anyhow::Result<String> {
    let path = Path::new(key);
    if path.is_file() { read(path) } else { Ok(key.to_owned()) }
}
