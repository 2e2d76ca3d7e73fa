//! What servers experience with each other.

mod blocks;
mod delivery;
mod discovery;
mod golden;
mod identity;
mod neighbours;
mod signatures;
mod together;
mod verbs;
