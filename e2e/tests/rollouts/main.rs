//! Rollouts of the shipped chart by the real Deployment controller, with processes for pods.
//!
//! The pods run `ticker`, whose leader raises a counter 20 times a second by compare-and-swap. A
//! watch keeps all versions of the counter, and the pods say which writes they made. The difference
//! shows writes that are lost or made by two pods.

mod chart;
mod crashing;
mod deployment;
mod eviction;
mod handing_over;
mod history;
mod mixed;
mod node;
mod readiness;
mod record;
mod report;
mod rolling;
mod site;
mod stateful;
mod stepping_down;
mod undo;
mod verdict;

/// Whether only what the gate runs is to be run.
fn is_part() -> bool {
    std::env::var("E2E_SCOPE").is_ok_and(|scope| scope == "part")
}
