//! The election through its public API, over a real `kube::Client`, under tokio's paused clock.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::unchecked_time_subtraction, reason = "so has one whose times are out of order")]

mod asleep;
mod candidacies;
mod certificates;
mod config;
mod crowd;
mod deaths;
#[path = "../common/deployment.rs"]
mod deployment;
#[path = "../common/elections.rs"]
mod elections;
mod handles;
mod interference;
mod leading;
#[path = "../common/log.rs"]
mod log;
mod outages;
mod pods;
mod proxy;
mod refusals;
mod run;
mod slow;
mod stopping;
mod succession;
mod told;
mod trouble;
mod warnings;
mod wire;
mod words;
