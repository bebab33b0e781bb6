//! Exit codes: what a script learns from how the program ended. The texts that go with them are the console's.

use std::process::ExitCode;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, with or without findings.
    Done,
    /// Something unforeseen.
    Failed,
    /// Wrong use: an argument or a setting that can't be.
    Usage,
    /// A check refused something.
    Refused,
    /// What was named does not exist, or not for this user.
    NotFound,
    /// The user's role does not allow it.
    Denied,
    /// Somebody else changed it meanwhile, or its state no longer allows it.
    Conflict,
    /// The other side did not answer or failed.
    Remote,
    /// The other side asks to wait.
    RateLimited,
    /// Done as far as one person can: another one's approval is awaited.
    AwaitsApproval,
    /// Stopped from the keyboard.
    Interrupted,
}

impl Exit {
    /// The number that the operating system gets.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NotFound => 4,
            Self::Denied => 5,
            Self::Conflict => 6,
            Self::Remote => 7,
            Self::RateLimited => 8,
            Self::AwaitsApproval => 9,
            Self::Interrupted => 130,
        }
    }

    /// The exit that an HTTP status of the interface amounts to.
    pub(crate) const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Done,
            400 | 405 | 406 | 413 | 415 => Self::Usage,
            401 | 403 => Self::Denied,
            404 => Self::NotFound,
            409 | 412 | 428 => Self::Conflict,
            422 => Self::Refused,
            429 => Self::RateLimited,
            500..=599 => Self::Remote,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error that knows how the program is to end.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Failure {
    /// How the program ends.
    pub(crate) exit: Exit,
    /// What is said, in the user's language.
    pub(crate) text: String,
    /// What to do about it, in the user's language.
    pub(crate) hint: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn each_answer_of_the_interface_has_the_exit_that_the_guide_names() {
        let table =
            [(200, 0), (201, 0), (400, 2), (422, 3), (404, 4), (401, 5), (403, 5), (409, 6), (412, 6), (428, 6)];
        for (status, code) in table.into_iter().chain([(500, 7), (503, 7), (429, 8), (302, 1)]) {
            assert_eq!(Exit::of_status(status).code(), code, "{status}");
        }
    }
}
