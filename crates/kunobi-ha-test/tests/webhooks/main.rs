//! Admission webhooks that run in this process.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, also in its helpers")]

#[path = "../shared/answer.rs"]
mod answer;
mod calls;
mod configurations;
mod matching;
mod mutations;
mod requests;
mod support;
mod verbs;
