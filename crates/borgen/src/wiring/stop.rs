//! Being asked to stop: SIGTERM from a service manager, Ctrl-C from a keyboard.

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A service manager.
    ByTheSystem,
    /// A person at the keyboard.
    AtTheKeyboard,
}

/// Waits until somebody asks the program to stop.
pub(crate) async fn asked() -> anyhow::Result<Asked> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map(|()| Asked::AtTheKeyboard).map_err(Into::into),
            _ = terminate.recv() => Ok(Asked::ByTheSystem),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await?;
        Ok(Asked::AtTheKeyboard)
    }
}
