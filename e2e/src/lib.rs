//! What it takes to run the crates of this workspace on a real control plane without containers.
//!
//! [`plane`] starts a real control plane, and [`kubelet`] is a node that runs local processes in
//! place of images. It is not published, and nothing that is depends on it.

pub mod kubelet;
pub mod plane;
