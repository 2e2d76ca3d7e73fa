//! What servers experience with each other.

mod attacks;
mod blocks;
mod delivery;
mod discovery;
mod fixtures;
mod followers;
mod golden;
mod hearsay;
mod identity;
mod keys;
mod neighbours;
mod operation;
mod relays;
mod signatures;
mod threads;
mod together;
mod verbs;
