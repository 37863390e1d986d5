//! The Kubernetes API in a test: a server in this process that answers as kube-apiserver does, and fails when it is
//! told to.
//!
//! There are two ways in: [`TestServer::service`] goes under a `kube::Client` without sockets and follows tokio's
//! paused clock; [`TestServer::listen`] (`listen_tls` with the feature `tls`) and the program `ha-test-server` serve other
//! processes. Between each client and the server, [`Faults`] delay, lose, cut, refuse and throttle; [`TestServer::requests`] and [`TestServer::history`]
//! return what was asked and what was written. [`TestServer::builder`] defines custom types and objects to begin with.
//!
//! # What a test writes
//!
//! [Test your operator](https://github.com/kunobi-ninja/kunobi-ha/blob/main/docs/test-your-operator.md) leads from a first
//! test to those of an operator of the usual size.
//!
//! | to … | |
//! | --- | --- |
//! | look at objects | [`get_as`](TestServer::get_as), [`list_as`](TestServer::list_as), by a path or as in `"configmaps default/a"` |
//! | wait, on any clock, without polling | [`until_object`](TestServer::until_object), [`until_gone`](TestServer::until_gone), [`until_requested`](TestServer::until_requested), [`until_watched`](TestServer::until_watched), [`until`](TestServer::until) |
//! | say which requests are meant | [`Matcher`] |
//! | let what is meant fail | [`FaultRule`], [`Fault::Watch`] |
//! | let children become ready, or hang | [`Controller`] |
//! | assert what was asked and written | [`assert_requested`](TestServer::assert_requested), [`assert_never_requested`](TestServer::assert_never_requested), [`assert_in_order`](TestServer::assert_in_order), [`assert_written`](TestServer::assert_written) |
//! | begin with a state that was kept | [`Snapshot::to_json`], [`with_snapshot`](TestServerBuilder::with_snapshot) |
//! | see what happened | [`sequence`](TestServer::sequence), [`watches`](TestServer::watches), [`print_on_panic`](TestServer::print_on_panic) |
//!
//! # Over HTTP
//!
//! Both ways in also serve `/_ha`, for tests in other processes and for people. It is open to everybody, also with
//! [`with_rbac`](TestServerBuilder::with_rbac). No fault applies to it, and no log shows it. A path refuses another method, an unknown
//! parameter, a bad value, and a body that it does not expect. Answers are JSON, except for the page.
//!
//! | | |
//! | --- | --- |
//! | `GET /_ha?refresh=SECONDS` | the page: objects by type, open watches, faults and how often their rules have hit, the last 50 requests |
//! | `GET /_ha/faults` | the [`Faults`] of all clients that have some, by client |
//! | `GET /_ha/faults/CLIENT` | those of one, as [`faults`](TestServer::faults) returns them; a name with other letters is percent-encoded |
//! | `PUT /_ha/faults/CLIENT` | sets them, as [`set_faults`](TestServer::set_faults) does |
//! | `DELETE /_ha/faults/CLIENT` | removes them, as [`heal`](TestServer::heal) does |
//! | `GET /_ha/requests?since=SEQUENCE` | the [`Request`]s that are kept, from a sequence number on |
//! | `GET /_ha/history?since=SEQUENCE` | the [`Write`]s that are kept, from a sequence number on |
//! | `GET /_ha/watches` | each [`OpenWatch`] |
//! | `GET /_ha/objects?resource=TYPE&namespace=NAMESPACE` | without a type (`deployments.apps`), how many objects there are of each; of a type, their namespaces, names and versions |
//! | `POST /_ha/compact` | forgets all changes, as [`compact`](TestServer::compact) does |
//!
//! # What is like kube-apiserver
//!
//! The behaviour is that of Kubernetes 1.37. `tests/conformance` states it as requests and answers, most of them recorded
//! from a real kube-apiserver; the repository's end-to-end tests send the same requests to one.
//!
//! The server refuses what it does not support: with the answer of kube-apiserver to something unknown, or with a `Status` of
//! 501 that names the feature. No parameter of a request to the API is ignored that kube-apiserver reads.
//!
//! # What differs from kube-apiserver
//!
//! | kube-apiserver | here |
//! | --- | --- |
//! | serves over TLS, HTTP/2, protobuf and CBOR | HTTP/1.1, over TLS only with the feature `tls` (`TestServer::listen_tls`); takes JSON, YAML and protobuf and answers in JSON or YAML, which Go's clients accept as well; a client that accepts only another format gets a 406 |
//! | checks what the fields of built-in types say | of the core group, `apps`, `autoscaling`, `batch`, `discovery.k8s.io`, `events.k8s.io`, `networking.k8s.io`, `policy`, `rbac.authorization.k8s.io`, priority and storage classes, Leases and definitions; of nodes, persistent volumes, Endpoints and the other groups, only the types of fields and the metadata |
//! | reads the certificates of trust bundles | not |
//! | checks rare fields of pods | not the options of Windows, old annotations of seccomp and `AppArmor`, and volumes of single vendors (`iscsi`, `rbd`, `azureDisk` …) |
//! | warns of fields that are valid and odd or of no use: in pods and their templates, volumes, services, selectors, budgets … | warns of unknown and repeated fields, of deprecated versions, and of definitions of custom types |
//! | privileged containers only with `--allow-privileged` | allowed, as in the clusters of kubeadm and kind |
//! | admission plugins (priority, tolerations, service account and its token in a pod; protection of claims) | none |
//! | drops fields of features that are off (`strategy` of a Lease) | keeps them |
//! | has controllers, a scheduler, kubelets | collects garbage, ends namespaces and definitions, and aggregates `ClusterRoles`, before it answers the write from which that follows. Deployments, Jobs and the like get a status if the server is built [with controllers](TestServerBuilder::with_controllers), which count pods and make none; nothing else happens by itself |
//! | `log`, `exec`, `attach`, `portforward`, `proxy`, `resize`, `componentstatuses` | 501 |
//! | checks what a request for a certificate asks, and whether its signer lets the user approve it | not: its conditions alone |
//! | Roles and bindings decide | only if the server is built with [`with_rbac`](TestServerBuilder::with_rbac), else everything is allowed. A [`Role`] that is set for a client takes their place |
//! | a token is checked (401) | a client is who it says it is, and its name is its token; only what looks like a token of a service account must have been issued here. It is bound to nothing else (`boundObjectRef`: 501), and its signature is none |
//! | admission policies, quotas, limits, priority and fairness | stored, without effect |
//! | calls admission webhooks over HTTPS | calls those in this process ([`with_webhook_service`](TestServerBuilder::with_webhook_service)), others with the feature `webhooks`: it trusts what their `caBundle` has signed, not the system, and sends no certificate of its own. One that it can't call is as one that fails: its `failurePolicy` decides, and the text says what to do |
//! | shows webhooks what controllers and the server itself write | not: collected garbage, the budgets of evictions, the objects that the server is built with |
//! | `matchConditions` of webhooks | evaluated with the feature `cel`, but for the variable `authorizer`; refused without it (422) |
//! | serves `OpenAPI` 2.0 and 3.0 | without the descriptions of built-in fields, streams such as `exec`, and discovery itself; 3.0 not as protobuf (406), 2.0 as protobuf with the types alone |
//! | serves metrics, debugging pages | 501 in words |
//! | refuses a definition whose rules may cost too much, and stops a rule that does | neither |
//! | rules of custom types (`x-kubernetes-validations`) | evaluated with the feature `cel`; without it, the definition is accepted with a warning that says so (on stderr for a definition that the server is built with) |
//! | conversion webhooks | a definition with several versions and a webhook is refused |
//! | `autoscaling/v1`, and types in alpha or beta | 501; unknown |
//! | a request takes at most 60 s, or as long as its `timeout` says (504, in JSON that is called plain text) | so does a write that waits for webhooks (called JSON); nothing else takes time but the faults of the client, which are not counted |
//! | a definition is established a moment later, by `kube-apiserver`, which owns that part of its status | at once, and nobody owns it |
//! | some texts of Go's JSON and YAML parsers | another text; code and reason are the same |
//! | an object has at most 1.5 MiB in etcd (500) | a request has at most 3 MiB (413), as there too |
//!
//! # Map
//!
//! | module | what is in it |
//! | --- | --- |
//! | `request` | what a request asks for: path, parameters, media types, body |
//! | `types`, `shape` | which types there are, and what they are made of |
//! | `crd` | custom types: definitions, schemas, defaults, validation |
//! | `defaults` | what a built-in type has where nothing is stated |
//! | `decode`, `validation` | from a body to an object; what is wrong with it, type by type (`validation/rules.rs` lists them) |
//! | `patch`, `apply` | the four kinds of patches; who owns which field |
//! | `openapi` | what the types are made of, for clients |
//! | `selector` | labels and fields |
//! | `webhook` | admission webhooks: which are called, with what, and what they say |
//! | `access` | who asks, and what for; what a rule of a role allows |
//! | `table` | objects as rows of cells, as kubectl prints them |
//! | `store` | objects, versions and changes, and the verbs: no clock, no I/O |
//! | `server` | the handle, the two ways in, discovery, watches, answers, `/_ha` |
//! | `controllers` | what the optional controllers report of an object, and when: no clock, no I/O |
//! | `status` | answers that report a failure |
//! | `fault`, `log` | what goes wrong; what was asked and written |
//! | `matcher`, `address` | which requests, and which objects a test means |

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod access;
mod address;
mod apply;
mod controllers;
mod crd;
mod decode;
mod defaults;
mod fault;
mod go;
mod kubeconfig;
mod lease;
mod log;
mod matcher;
mod openapi;
mod patch;
mod protobuf;
mod request;
mod selector;
mod server;
mod shape;
mod status;
mod store;
mod table;
mod types;
mod validation;
mod webhook;

pub use access::User;
pub use controllers::Controller;
pub use fault::{Fault, FaultRule, Faults, FaultsError, Role, Share, WatchFault};
pub use kubeconfig::kubeconfig;
pub use log::{OpenWatch, Request, Write};
pub use matcher::Matcher;
pub use server::{
    ClientService, Listener, LoadError, ResponseBody, Sequence, SequenceOnPanic, ServiceFuture,
    Snapshot, TestServer, TestServerBuilder, Until,
};
pub use store::SnapshotError;
