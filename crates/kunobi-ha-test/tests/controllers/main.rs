//! Controllers that a test adds: children that become ready, or do not.

mod deployments;
mod disturbed;
mod jobs;
mod life;
mod restored;
mod world;
