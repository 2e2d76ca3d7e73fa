//! What servers experience with each other.

mod addresses;
mod attacks;
mod blocks;
mod delivery;
mod discovery;
mod fixtures;
mod floods;
mod golden;
mod groups;
mod hearsay;
mod identity;
mod keys;
mod meaning;
mod names;
mod neighbours;
mod operation;
mod places;
mod privacy;
mod signatures;
mod slow;
mod threads;
mod together;
mod verbs;
