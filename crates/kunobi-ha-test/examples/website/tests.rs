//! What the operator does, without a cluster. No test takes time: tokio's clock is paused, and jumps over waits.

mod children;
mod disturbed;
mod undisturbed;
mod upgrade;
mod world;
