//! Tests through the binary, all in one program.
mod config;
