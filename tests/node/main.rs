//! Questions put to live and recorded nodes, each bad input for real.

mod files;
mod made_up;
mod processes;
mod recordings;
mod round_trip;
mod support;
