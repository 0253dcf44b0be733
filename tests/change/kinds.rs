//! One case for each kind of change.
