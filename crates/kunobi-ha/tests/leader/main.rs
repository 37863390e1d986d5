//! The election through its public API, over a real `kube::Client`, under tokio's paused clock.

mod common;
mod leading;
mod refusals;
mod slow;
mod wire;
