//! What servers experience with each other.

mod delivery;
mod discovery;
mod golden;
mod identity;
mod signatures;
mod together;
mod verbs;
