//! The JSON of other servers, as types: tolerant when reading, strict when writing.
//! Nothing is decided or looked up here.
//! Start reading at `shape.rs` for how much is tolerated, then at `note.rs`.

pub mod activity;
pub mod actor;
pub mod collection;
pub mod context;
pub mod note;
pub mod shape;
