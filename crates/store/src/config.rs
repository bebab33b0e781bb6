//! What a store is told when it is opened.

/// Where the store is, and under which name it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
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
