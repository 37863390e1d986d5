//! An in-process Kubernetes API server with faults, for the tests of any controller.
//!
//! Real resource versions, real conflicts, real watches, real `Status` bodies; Leases are checked
//! as kube-apiserver checks them. There are two ways in: [`TestServer::service`] goes under a
//! `kube::Client` without sockets and follows tokio's paused clock; [`TestServer::listen`] and the
//! program `ha-test-server` serve other processes. Between each client and the server, [`Faults`]
//! delay, lose, cut, refuse and throttle; [`TestServer::requests`] and [`TestServer::history`]
//! return what was asked and what was written.
//!
//! # What differs from kube-apiserver
//!
//! The tests in `tests/conformance` state the behaviour as requests and answers, and the repository
//! runs the same tests against kube-apiserver. These differences remain:
//!
//! | kube-apiserver | here |
//! | --- | --- |
//! | JSON, YAML, protobuf, over TLS | JSON; anything else is a 415 or a 406, as from a server that lacks it |
//! | knows its resources, with a schema for each | takes any resource as it is; only a Lease is checked |
//! | drops fields that it does not know, and those of features that are off (`strategy` and `preferredHolder` of a Lease) | keeps them, as a newer server does |
//! | `binding`, `eviction`, `scale` and other subresources of pods and workloads | `status` only, of the built-in resources that have one; a kubelet or scheduler writes `spec.nodeName` itself |
//! | patches by strategy, JSON patch, server-side apply | the first and the last are merges; a JSON patch is a 415 |
//! | lists in pages, deletes collections, keeps `managedFields` and `generation` | no |
//! | admission, garbage collection, namespaces that end | no |
//! | replaces bytes and escapes that are not UTF-8, skips unknown fields of any depth | a 400 for them, and for a nesting beyond 127 |
//! | no object of more than 1.5 MiB in etcd (500) | none of more than 3 MiB (413), as there too |
//!
//! # Map
//!
//! | module | what is in it |
//! | --- | --- |
//! | `server` | the handle, the two ways in, watches, `/_ha/` |
//! | `store` | objects, versions and changes: no clock, no I/O |
//! | `path` | what a URL names |
//! | `lease` | what is checked in a Lease |
//! | `status` | answers that report a failure |
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
