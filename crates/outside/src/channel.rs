//! A channel: how somebody is reached, and what its answer to a message means.

use crate::message::Message;
use crate::{teams, webhook};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// Hosts that plain HTTP is good enough for: they do not leave the machine.
const ON_THE_MACHINE: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// How a channel wants its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// A signed webhook.
    Webhook,
    /// A workflow of Teams.
    Teams,
}

/// Why a channel can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The address is none, or would send in the open.
    #[error("the address of a channel has to begin with https:// (http:// only for this machine)")]
    Url,
    /// The key of the signature is missing or none.
    #[error("the secret of a webhook has to be `whsec_` and the base64 of 24 to 64 random bytes")]
    Secret,
}

/// A channel that was found good.
#[derive(Clone)]
pub struct Channel {
    kind: ChannelKind,
    /// For a workflow of Teams the address is the secret.
    url: SecretString,
    secret: Option<SecretString>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Channel").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// One request to a channel, complete.
#[derive(Clone)]
pub struct Posted {
    /// The address.
    pub url: SecretString,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body: JSON.
    pub body: Vec<u8>,
}

impl fmt::Debug for Posted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Posted").field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The channel took the message.
    Taken,
    /// Trying again can help.
    Later,
    /// It will never be taken.
    Refused,
}

impl Verdict {
    /// The meaning of a status: only 2xx is a yes, and a redirect is followed nowhere.
    #[must_use]
    pub const fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            408 | 425 | 429 | 500..=599 => Self::Later,
            _ => Self::Refused,
        }
    }
}

impl Channel {
    /// A channel at an address. A webhook needs the secret that its messages are signed with.
    pub fn new(kind: ChannelKind, url: SecretString, secret: Option<SecretString>) -> Result<Self, ChannelError> {
        if !is_fit(url.expose_secret()) {
            return Err(ChannelError::Url);
        }
        if kind == ChannelKind::Webhook {
            webhook::checked(secret.as_ref().ok_or(ChannelError::Secret)?)?;
        }
        Ok(Self { kind, url, secret })
    }

    /// The request that carries a message there.
    pub fn request(&self, message: &Message) -> Result<Posted, ChannelError> {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        let body = match self.kind {
            ChannelKind::Webhook => {
                let body = webhook::body(message);
                let secret = self.secret.as_ref().ok_or(ChannelError::Secret)?;
                headers.extend(webhook::headers(message, &body, secret)?);
                body
            }
            ChannelKind::Teams => teams::body(message),
        };
        Ok(Posted { url: self.url.clone(), headers, body })
    }
}

fn is_fit(url: &str) -> bool {
    let has_host = |rest: &str| rest.chars().next().is_some_and(|first| first.is_ascii_alphanumeric());
    if let Some(rest) = url.strip_prefix("https://") {
        return has_host(rest);
    }
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Without the port; who signs in within an address is no host of this machine.
    ON_THE_MACHINE.iter().any(|known| {
        host.strip_prefix(known).is_some_and(|port| port.is_empty() || port.starts_with(':') && !port.contains('@'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_keep_the_message_to_themselves_are_taken() {
        let table = [
            ("https://prod-1.westeurope.logic.azure.com/workflows/x?sig=y", true),
            ("http://127.0.0.1:4711/receivers/teams/desk", true),
            ("http://localhost/x", true),
            ("http://[::1]:80/x", true),
            ("http://example.se/x", false),
            ("http://127.0.0.1.example.se/x", false),
            ("http://127.0.0.1:1@example.se/x", false),
            ("ftp://example.se", false),
            ("https://", false),
            ("", false),
        ];
        for (url, fit) in table {
            assert_eq!(is_fit(url), fit, "{url}");
        }
    }

    #[test]
    fn a_webhook_without_a_fit_secret_is_told_before_it_is_needed() {
        let url = || SecretString::from("https://example.se/hook");
        let with = |secret: Option<&str>| {
            Channel::new(ChannelKind::Webhook, url(), secret.map(SecretString::from)).map(|_| ())
        };
        assert_eq!(with(None), Err(ChannelError::Secret));
        assert_eq!(with(Some("whsec_c2hvcnQ=")), Err(ChannelError::Secret), "too short");
        assert_eq!(with(Some("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")), Err(ChannelError::Secret), "no prefix");
        assert_eq!(with(Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")), Ok(()));
        assert!(Channel::new(ChannelKind::Teams, url(), None).is_ok());
    }

    #[test]
    fn neither_address_nor_secret_is_shown() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let channel = Channel::new(ChannelKind::Webhook, "https://example.se/hook".into(), Some(secret)).unwrap();
        let shown = format!("{channel:?}");
        assert!(!shown.contains("example") && !shown.contains("MfKQ"), "{shown}");
    }

    #[test]
    fn an_answer_is_a_yes_only_with_2xx() {
        let table = [
            (200, Verdict::Taken),
            (202, Verdict::Taken),
            (301, Verdict::Refused),
            (401, Verdict::Refused),
            (410, Verdict::Refused),
            (429, Verdict::Later),
            (503, Verdict::Later),
        ];
        for (status, verdict) in table {
            assert_eq!(Verdict::of(status), verdict, "{status}");
        }
    }
}
