//! The JSON of other servers, as types: tolerant when reading, strict when writing.
//! Nothing is decided or looked up here.
//! Start reading at `note.rs`.
