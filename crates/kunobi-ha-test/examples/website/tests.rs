//! What the operator does, without a cluster. No test takes time: tokio's clock is paused, and jumps over waits.

mod disturbed;
mod undisturbed;
mod world;
