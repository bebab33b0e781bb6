//! `borgen audit`: the journal as proof. Verifying needs nothing but the file, the public key and, for the whole
//! proof, a checkpoint that was kept elsewhere.

mod told;

use crate::cli::Output;
use crate::console::Console;
use crate::exit::Exit;
use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use store::{Checkpoint, Proof, Report, Signer};

/// The commands about the journal.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Write the whole journal of the server to a file, or to standard output
    Export {
        /// The file; else, and with `-`, standard output
        file: Option<PathBuf>,
    },
    /// Verify an export: edited, deleted, reordered, inserted, cut off, rewritten, clock set back
    Verify(Verify),
    /// The newest signed checkpoint of the server: keep it where nobody who runs Borgen can change it
    Checkpoint {
        /// The file; else, and with `-`, standard output
        file: Option<PathBuf>,
    },
    /// The public key that checkpoints are verified with
    Key,
}

/// Verifying.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The export; `-` is standard input
    export: PathBuf,
    /// The public key, as `borgen audit key` writes it: the file with it, or the key itself
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
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
            let note = body.get("note").and_then(Value::as_str).unwrap_or_default().to_owned();
            match named(file) {
                Some(file) => {
                    std::fs::write(&file, note).map_err(|error| console.unwritable(&file, &error))?;
                    console.say("checkpoint-written", &[("file", &file.display())]);
                }
                None => console.line(note.trim_end())?,
            }
            Ok(Exit::Done)
        }
        Audit::Key => {
            console.line(Signer::load(&console.settings()?.signing_key_file())?.public_pem()?.trim_end())?;
            Ok(Exit::Done)
        }
    }
}

/// The file that was named: `-` is standard output, as everywhere.
fn named(file: Option<PathBuf>) -> Option<PathBuf> {
    file.filter(|file| file != Path::new("-"))
}

async fn export(console: &Console, file: Option<PathBuf>) -> anyhow::Result<Exit> {
    let remote = super::remote(console)?;
    let Some(file) = named(file) else {
        let mut out = std::io::stdout().lock();
        remote.stream("/audit/export", |piece| Ok(out.write_all(piece)?)).await?;
        out.flush()?;
        return Ok(Exit::Done);
    };
    if file.exists() {
        return Err(console.fail(Exit::Conflict, "file-exists", &[("path", &file.display())]));
    }
    let mut out = BufWriter::new(File::create_new(&file).map_err(|error| console.unwritable(&file, &error))?);
    let written = remote.stream("/audit/export", |piece| Ok(out.write_all(piece)?)).await;
    if let Err(refused) = written.and_then(|()| Ok(out.flush()?)) {
        // A part of a journal would look like one that was cut off.
        std::fs::remove_file(&file).with_context(|| file.display().to_string())?;
        return Err(refused);
    }
    console.say("export-written", &[("file", &file.display())]);
    Ok(Exit::Done)
}

/// The public key: in a file, or given as it is, with or without the lines around it.
fn public_key(console: &Console, given: &str) -> anyhow::Result<store::VerifyingKey> {
    let text = if Path::new(given).exists() { read(console, Path::new(given))? } else { given.trim().to_owned() };
    let whole = if text.contains("-----") {
        text
    } else {
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    };
    let wrong = |_| console.fail(Exit::Usage, "no-public-key", &[("key", &given)]);
    store::verifying_key_from_pem(&whole).map_err(wrong)
}

fn verify(console: &Console, verify: &Verify) -> anyhow::Result<Exit> {
    let wrong = |error: &dyn std::fmt::Display| console.failure(Exit::Usage, error.to_string(), None);
    let key = public_key(console, &verify.key)?;
    let kept = verify.checkpoint.as_deref().map(|path| read(console, path)).transpose()?;
    let kept = kept.map(|note| Checkpoint::parse(&note).map_err(|error| wrong(&error))).transpose()?;
    let export: Box<dyn BufRead> = if verify.export == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(&verify.export).map_err(|error| console.unreadable(&verify.export, &error))?;
        Box::new(BufReader::new(file))
    };
    let report = store::verify(export, &key, kept.as_ref()).map_err(|error| wrong(&error))?;
    if console.output != Output::Table {
        console.line(&shown(&report).to_string())?;
    }
    told::tell(console, &report, kept.is_some());
    if report.is_sound() {
        console.say("verify-good", &[]);
        return Ok(Exit::Done);
    }
    let count = u64::try_from(report.findings.len())?.saturating_add(report.further);
    Err(console.fail(Exit::Refused, "verify-bad", &[("count", &count)]))
}

/// A report as data.
pub(crate) fn shown(report: &Report) -> Value {
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    json!({
        "verified": report.is_sound(),
        "proven": matches!(report.proven, Proof::Proven { .. }),
        "facts": report.facts,
        "accounts": report.accounts,
        "signed": report.signed,
        "root": report.root,
        "findings": findings,
        "further": report.further,
    })
}

fn read(console: &Console, path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).map_err(|error| console.unreadable(path, &error))
}
