//! How the parts of the program are put together. What they do is theirs.

pub(crate) mod detection;
pub(crate) mod stop;
