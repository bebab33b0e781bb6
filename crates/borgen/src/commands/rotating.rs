//! `borgen admin rotate-master-key`: every key of personal data is wrapped by a new master key; nothing that was sealed
//! changes. Broken off, the same command goes on where it stopped.

use crate::console::Console;
use crate::exit::Exit;
use crate::wiring::opening;
use clap::Args;
use desk::seam::{SystemClock, SystemEntropy};
use desk::{Desk, Entropy};
use domain::body::Body;
use domain::erasure::MasterKeyExchanged;
use domain::fact::NewFact;
use domain::ids::{AccountId, AccountKind, Actor};
use std::path::PathBuf;
use std::sync::Arc;
use store::{Master, Store, StoreConfig, VaultError};

/// Exchanging the master key.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// The file of the new master key; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    new_key_file: PathBuf,
    /// Do it; without it only what would be done is said
    #[arg(long, short)]
    yes: bool,
}

/// Runs the command.
pub(crate) async fn run(console: &Console, command: Rotate) -> anyhow::Result<Exit> {
    let settings = console.settings()?;
    let path = &command.new_key_file;
    let former = settings.master_key_file();
    if std::path::absolute(path)? == std::path::absolute(&former)? {
        return Err(console.fail(Exit::Usage, "rotate-same-file", &[("path", &path.display())]));
    }
    if !command.yes {
        // Opened as the server would: what stands in the way is said before anything is done.
        opening::vault(&settings, None).await?;
        console.say("rotate-with-yes", &[("path", &path.display())]);
        return Ok(Exit::Done);
    }
    // Opened before anything is exchanged: what can't be recorded is not done.
    let store = Store::open(&StoreConfig::new(settings.store_url())).await?;
    let desk = Desk::new(store, Arc::new(SystemClock::new()));
    let new = if path.exists() {
        Master::File(path.clone())
    } else {
        Master::create_file(path, &|bytes: &mut [u8]| SystemEntropy.fill(bytes))?
    };
    let vault = match opening::vault(&settings, None).await {
        // An exchange that was broken off: the new one is in force already, and goes on wrapping.
        Err(VaultError::Retired) => opening::vault(&settings, Some(new.clone())).await?,
        opened => opened?,
    };
    let moved = vault.rotate_master(&new).await?;
    let exchanged = NewFact {
        happened: desk.clock.now(),
        actor: Actor::Program,
        source_key: None,
        body: Body::MasterKeyExchanged(MasterKeyExchanged { keys: moved }),
    };
    desk.record(AccountId::of_partner(), AccountKind::Partner, vec![exchanged]).await?;
    console.say("rotate-done", &[("count", &moved)]);
    console.say("rotate-next", &[("path", &std::path::absolute(path)?.display()), ("former", &former.display())]);
    Ok(Exit::Done)
}
