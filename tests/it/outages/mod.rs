//! What goes wrong around a server: it is killed, others keep silent, the disk is full, the clock is turned.

mod crowd;
mod days;
mod disk;
mod kills;
mod peers;
mod time;
mod two_processes;
