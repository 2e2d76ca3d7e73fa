//! outloud: a federated community microblog.
//!
//! The rooms of the house, and who may enter which, are described in `docs/architecture.md`.

pub mod actions;
pub mod app;
pub mod config;
pub mod domain;
pub mod error;
pub mod federation;
pub mod jobs;
pub mod mail;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod views;
pub mod web;
