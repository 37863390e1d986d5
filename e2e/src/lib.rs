//! What it takes to run the crates of this workspace on a real control plane without containers.
//!
//! [`plane`] starts a real control plane, and [`kubelet`] is a node that runs local processes in
//! place of images. [`candidate`] runs candidates of client-go's making and of ours, [`proxy`] is what
//! stands between one of them and the API server, and [`history`] checks what became of an election.
//! It is not published, and nothing that is depends on it.

pub mod candidate;
pub mod clock;
pub mod history;
pub mod kubelet;
pub mod plane;
pub mod proxy;
