//! What happens later: the worker loop, what each job calls, the clockwork.
//! The work itself does not live here.
//! Start reading at `worker.rs`.

pub mod clockwork;
mod run;
mod shift;
pub mod worker;

pub use worker::Worker;
