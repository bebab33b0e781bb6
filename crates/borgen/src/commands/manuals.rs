//! `borgen completions` and `borgen man`: what shells and manual readers need, made from the command line itself.

use crate::cli::Cli;
use crate::console::Console;
use crate::exit::Exit;
use clap::{Args, CommandFactory};

/// Completions for a shell.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

/// The manual page.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// A command, as in `action approve`; else the page of the program
    command: Vec<String>,
}

/// Writes the completions.
pub(crate) fn completions(console: &Console, command: &Completions) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "borgen", &mut script);
    console.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}

/// Writes the manual page.
pub(crate) fn man(console: &Console, command: &Man) -> anyhow::Result<Exit> {
    let mut page = Cli::command();
    for name in &command.command {
        let Some(inner) = page.find_subcommand(name).cloned() else {
            return Err(console.fail(Exit::NotFound, "no-such-command", &[("command", name)]));
        };
        page = inner.display_name(format!("{}-{name}", page.get_display_name().unwrap_or("borgen")));
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    console.line(String::from_utf8_lossy(&text).trim_end())?;
    Ok(Exit::Done)
}
