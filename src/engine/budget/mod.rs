//! What a run may spend.

mod settings;

pub use settings::{Caps, Settings};
