//! What people experience in a browser without JavaScript.

mod joining;
mod reading;
mod writing;
