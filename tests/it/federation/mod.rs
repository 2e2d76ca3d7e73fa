//! What servers experience with each other.

mod attacks;
mod blocks;
mod conversations;
mod delivery;
mod discovery;
mod fixtures;
mod followers;
mod golden;
mod groups;
mod hearsay;
mod identity;
mod keys;
mod neighbours;
mod operation;
mod reactions;
mod relays;
mod signatures;
mod threads;
mod together;
mod verbs;
