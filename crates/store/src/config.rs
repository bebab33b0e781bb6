//! What a store is told when it is opened.

/// Where the store is, and under which name it signs.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `sqlite:PATH`, `sqlite::memory:` or `postgres://…`.
    pub url: String,
    /// The origin line of this store's checkpoints: a name without spaces that no other store of the partner has.
    pub origin: String,
    /// Every operation of a SQLite store runs in place on the calling thread, so that a simulated run is the same for
    /// the same seed. A store in memory always does.
    pub inline: bool,
}

impl StoreConfig {
    /// The store at `url`, signing as `borgen`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), origin: "borgen".to_owned(), inline: false }
    }
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig")
            .field("url", &without_password(&self.url))
            .field("origin", &self.origin)
            .field("inline", &self.inline)
            .finish()
    }
}

/// The address without user and password, for messages and logs.
pub(crate) fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for url in ["postgres://user:s3cret@host:5432/db", "mysql://user:s3c@ret@host/db"] {
            let shown = format!("{:?} {}", StoreConfig::new(url), without_password(url));
            assert!(!shown.contains("s3c") && shown.contains("@host"), "{shown}");
        }
        assert_eq!(without_password("sqlite:/a/b@c.db"), "sqlite:/a/b@c.db");
    }
}
