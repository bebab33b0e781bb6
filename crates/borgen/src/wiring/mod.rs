//! How the parts of the program are put together. What they do is theirs.

pub(crate) mod connecting;
pub(crate) mod detection;
pub(crate) mod entra;
pub(crate) mod listening;
pub(crate) mod opening;
pub(crate) mod paging;
pub(crate) mod refresh_tokens;
pub(crate) mod serving;
pub(crate) mod stop;
pub(crate) mod watching;
