//! What servers experience with each other.

mod delivery;
mod discovery;
mod identity;
mod signatures;
mod together;
mod verbs;
