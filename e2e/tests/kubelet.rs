//! Pods on a test server, run as processes by the kubelet of this crate.

#[path = "kubelet/ending.rs"]
mod ending;
#[path = "kubelet/running.rs"]
mod running;
#[path = "kubelet/stage.rs"]
mod stage;
