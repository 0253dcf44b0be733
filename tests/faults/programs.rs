//! Programs that misbehave, guarded as the binary guards them.
#![cfg(target_os = "linux")]

mod calls;
mod deaths;
mod runs;
mod scene;
