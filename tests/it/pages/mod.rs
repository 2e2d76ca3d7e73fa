//! What people experience in a browser without JavaScript.

mod golden;
mod joining;
mod reading;
mod writing;
