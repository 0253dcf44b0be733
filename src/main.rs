//! llmux: parse, run, exit.

fn main() {}
