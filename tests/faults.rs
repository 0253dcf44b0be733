//! What servers and programs do wrong. After each fault: the right status and exit code,
//! bounded time and memory, no process, no file and no key left anywhere.

mod programs;
