//! A database of its own on a scratch server, made and dropped by the server's own tools.

use anyhow::{Result, ensure};
use std::process::Command;

/// A database that is dropped after the measure.
#[derive(Debug)]
pub struct Scratch {
    /// Its address.
    pub url: String,
    server: String,
    name: String,
}

impl Scratch {
    /// Makes it on the server that the URL names.
    pub fn make(server: &str) -> Result<Self> {
        let name = format!("borgen_bench_{}", std::process::id());
        psql(server, &format!("CREATE DATABASE {name}"))?;
        let (before, query) = server.split_once('?').unwrap_or((server, ""));
        let host = before.rsplit_once('/').filter(|(host, _)| !host.ends_with('/')).map_or(before, |(host, _)| host);
        let url = if query.is_empty() { format!("{host}/{name}") } else { format!("{host}/{name}?{query}") };
        Ok(Self { url, server: server.to_owned(), name })
    }

    /// Drops it.
    pub fn drop(self) -> Result<()> {
        psql(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name))
    }
}

fn psql(server: &str, sql: &str) -> Result<()> {
    let told = Command::new("psql").args([server, "-v", "ON_ERROR_STOP=1", "-qc", sql]).output()?;
    ensure!(told.status.success(), "{sql}: {}", String::from_utf8_lossy(&told.stderr));
    Ok(())
}
