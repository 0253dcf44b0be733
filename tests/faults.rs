//! What servers and programs do wrong. After each fault: the right status and exit code,
//! bounded time and memory, no process, no file and no key left anywhere.

mod bodies;
mod crew;
mod floods;
mod hostile;
mod kind;
mod pools;
mod programs;
mod redirects;
mod scene;
mod schema;
mod secrets;
mod silence;
mod status;
mod streams;
mod wire;
