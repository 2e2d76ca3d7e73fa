//! Statuses: posting, taking in, editing, deleting.
//! Boosts live in `interactions.rs`, what readers see in `views`.
//! Start reading at `post.rs`; what local and remote statuses share is in `arrival.rs`.

mod arrival;
mod belonging;
mod change;
mod post;
mod receive;

pub use arrival::{Arrival, insert};
pub use change::{Edit, delete, edit, erase_some, receive_delete, receive_edit, take_back_boost};
pub use post::{Draft, post};
pub use receive::{Cause, receive};
