//! What servers experience with each other.

mod attacks;
mod blocks;
mod delivery;
mod discovery;
mod fixtures;
mod golden;
mod hearsay;
mod identity;
mod keys;
mod leaving;
mod moves;
mod neighbours;
mod operation;
mod quotes;
mod reports;
mod severities;
mod signatures;
mod strict;
mod threads;
mod together;
mod verbs;
