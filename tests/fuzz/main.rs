//! Whatever comes from outside is read by something here, and here it is read in every broken form: nothing may panic,
//! and what must always hold does.
//!
//! `cargo test --test fuzz` tries a fixed number of inputs, the same each time. With `OUTLOUD_FUZZ_SECONDS` each target
//! goes on for so long, from a seed of its own that it prints; `OUTLOUD_FUZZ_SEED` repeats one. An input that breaks
//! something is written to a file, whose name the test prints.
#![cfg(test)]

mod addresses;
mod documents;
mod markup;
mod runner;
mod signatures;
