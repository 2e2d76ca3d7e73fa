//! What people and servers experience, told as tests: real nodes, real sockets, real databases.
#![cfg(test)]

mod api;
mod architecture;
mod federation;
mod migrations;
mod outages;
mod pages;
mod processes;
mod properties;
mod queries;
mod support;
mod surface;
