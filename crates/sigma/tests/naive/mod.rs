//! A second, slow reading of Sigma, written from the specification and the table of decisions:
//! no tables, no prefilter, no sharing. It exists only to disagree with the engine.

pub mod dice;
pub mod generator;
pub mod json;
pub mod rule;
pub mod shapes;
pub mod values;
