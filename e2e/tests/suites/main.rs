//! What programs of users do, step by step, on the server of `kunobi-ha-test` and, with the feature `real`, on
//! kube-apiserver: each step must end alike.

#![expect(clippy::large_futures, reason = "one step runs at a time")]

mod kube_rs;
mod kubectl;
mod programs;
mod sides;
