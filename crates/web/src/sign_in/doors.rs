//! What signing in stands on beside the desk: the time on the wall, and places for working out digests.

use super::entra::Entra;
use super::passwords::Places;
use desk::Clock;
use std::sync::Arc;

/// How people sign in, as the program is set up.
#[derive(Debug, Clone, Default)]
pub struct SignIn {
    /// The time that sessions, codes and links live by. Where a story runs faster than the wall clock, people and their
    /// authenticator apps do not: nothing means the desk's own clock.
    pub clock: Option<Arc<dyn Clock>>,
    /// Signing in by Entra ID, where it is set up.
    pub entra: Option<super::entra::EntraSettings>,
}

/// The doors.
#[derive(Debug)]
pub(crate) struct Doors {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) places: Places,
    pub(crate) entra: Option<Entra>,
}

impl Doors {
    pub(crate) fn new(sign_in: SignIn, desk: &Arc<dyn Clock>) -> Self {
        let clock = sign_in.clock.unwrap_or_else(|| Arc::clone(desk));
        Self { clock, places: Places::default(), entra: sign_in.entra.and_then(Entra::new) }
    }
}
