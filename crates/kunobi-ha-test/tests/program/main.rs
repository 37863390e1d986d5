//! The program `ha-test-server`, as its users start it.

mod arguments;
mod kubeconfigs;
mod serves;
mod state;
mod support;
#[cfg(feature = "tls")]
mod tls;
