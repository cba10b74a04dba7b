//! The simulator as a client meets it: over TCP, with no library in between.

mod api;
mod asana;
mod client;
mod consent;
mod control;
mod faults;
mod github;
mod hosts;
mod sendgrid;
mod state;
