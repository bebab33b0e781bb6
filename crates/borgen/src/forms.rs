//! The forms of what people type: ids, times, addresses. A wrong one is refused in English where clap reads it;
//! `help.rs` puts that into Swedish by the form that it names.

use jiff::Timestamp;
use std::str::FromStr;
use uuid::Uuid;

/// An id, as it is wanted.
pub(crate) const ID: &str = "00000000-0000-0000-0000-000000000000";
/// An instant, as it is wanted.
pub(crate) const TIME: &str = "2026-12-01T06:00:00Z";
/// An address to listen on, as it is wanted.
pub(crate) const ADDRESS: &str = "127.0.0.1:8477";

/// An id, kept as it was typed: it goes to the server.
pub(crate) fn id(text: &str) -> Result<String, String> {
    typed::<Uuid>(text).map(|_| text.to_owned())
}

/// An id of some kind of thing.
pub(crate) fn typed<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("an id such as {ID} is wanted"))
}

/// An instant.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("a time such as {TIME} is wanted"))
}

/// An address to listen on, by numbers.
pub(crate) fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse().map_err(|_| format!("an address such as {ADDRESS} is wanted"))
}

/// The form that a refusal asks for, with the key of what is said of it in Swedish.
pub(crate) fn wanted(refusal: &str) -> Option<(&'static str, &'static str)> {
    let forms = [("usage-value-id", ID), ("usage-value-time", TIME), ("usage-value-address", ADDRESS)];
    forms.into_iter().find(|(_, form)| refusal.contains(form))
}

/// Whether this says where to listen: a host, by name or number, and a port.
pub(crate) fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::{ADDRESS, ID, TIME, address, id, is_address, time, wanted};

    #[test]
    fn each_form_that_is_asked_for_is_one_and_is_told_by_what_a_refusal_says() {
        assert!(id(ID).is_ok() && time(TIME).is_ok() && address(ADDRESS).is_ok() && is_address(ADDRESS));
        let refusals = [id("nope").err(), time("yesterday").err(), address("x").err()];
        let keys: Vec<&str> =
            refusals.iter().flatten().filter_map(|refusal| wanted(refusal)).map(|(key, _)| key).collect();
        assert_eq!(keys, ["usage-value-id", "usage-value-time", "usage-value-address"]);
    }

    #[test]
    fn an_address_to_listen_on_has_a_host_and_a_port() {
        for good in ["127.0.0.1:0", "[::]:8477", "localhost:80"] {
            assert!(is_address(good), "{good}");
        }
        for wrong in ["", "x", ":80", "host:", "host:99999", "http://host"] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
