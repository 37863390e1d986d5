//! Pods on a test server, run as processes by the kubelet of this crate.

mod accidents;
mod ending;
mod messages;
mod rig;
mod running;
