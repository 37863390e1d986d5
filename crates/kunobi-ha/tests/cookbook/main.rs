//! The recipes of docs/cookbook.md, and that they do what the page says.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, also in its helpers")]

// A program of its own depends on k8s-openapi under its own name.
extern crate k8s_openapi_0_29 as k8s_openapi;

mod cron;
mod durations;
#[path = "../common/elections.rs"]
mod elections;
mod identity;
mod ipv6;
mod label;
mod once;
mod page;
mod several;
mod single;
mod warm;
mod webhook;
