//! `docs/doctor.md` says what the binary says.
