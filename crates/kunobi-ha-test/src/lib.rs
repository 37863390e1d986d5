//! An in-process Kubernetes API server with faults, for anybody's controller tests.
//!
//! Real resource versions, real conflicts, real watches, real `Status` bodies; Leases are checked
//! as kube-apiserver checks them. There are two ways in: [`TestServer::service`] goes under a
//! `kube::Client` without sockets and obeys tokio's paused clock; [`TestServer::listen`] and the
//! program `ha-test-server` serve other processes. Between each client and the server, [`Faults`]
//! delay, lose, cut, refuse and throttle; [`TestServer::requests`] and [`TestServer::history`]
//! tell what was asked and what was written.
//!
//! # What it is not
//!
//! There is no TLS, no protobuf, no admission, no garbage collection, no server-side apply (it is
//! treated as a merge), no schema but that of a Lease. What it does do, the behaviour tests in
//! `tests/conformance.rs` state as requests and answers.
//!
//! # Map
//!
//! | module | what is in it |
//! | --- | --- |
//! | `server` | the handle, the two ways in, watches, `/_ha/` |
//! | `store` | objects, versions and changes: no clock, no I/O |
//! | `path` | what a URL names |
//! | `lease` | what is checked in a Lease |
//! | `status` | answers that are no success |
//! | `fault` | what goes wrong |
//! | `log` | what was asked and written |

mod fault;
mod kubeconfig;
mod lease;
mod log;
mod path;
mod server;
mod status;
mod store;

pub use fault::{Fault, Faults, Role, Share};
pub use kubeconfig::kubeconfig;
pub use log::{Request, Write};
pub use server::{
    ClientService, Listener, ResponseBody, ServiceFuture, Snapshot, TestServer, TestServerBuilder,
};
