//! What programs with kube-rs do: each step does what one of its tests or examples does, or a widely used operator.

mod controllers;
mod custom;
mod discovery;
mod events;
mod finalizers;
mod lists;
mod objects;
mod operators;
mod patches;
mod pods;
mod subresources;
mod waits;
mod watches;

use std::fmt::Debug;

use e2e::suites::{Column, Failure, Known, Passes, Suite};
use kube::{Client, Error, core::Status};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::sides;

type Outcome<T = ()> = Result<T, Failure>;

#[test]
fn programs_with_kube_rs() {
    let mut suite = Suite::new("kube-rs", KNOWN);
    sides::run(&mut suite, "suite-kube-rs", &async |column: &mut Column, client: Client| {
        objects::steps(column, &client).await;
        patches::steps(column, &client).await;
        lists::steps(column, &client).await;
        watches::steps(column, &client).await;
        controllers::steps(column, &client).await;
        finalizers::steps(column, &client).await;
        waits::steps(column, &client).await;
        events::steps(column, &client).await;
        custom::steps(column, &client).await;
        pods::steps(column, &client).await;
        subresources::steps(column, &client).await;
        discovery::steps(column, &client).await;
        operators::steps(column, &client).await;
    });
    suite.finish();
}

/// Fails a step unless a condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+).into());
        }
    };
}
use ensure;

/// Reads an object that a step writes down as JSON.
fn object<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|error| panic!("the object is wrong: {error}"))
}

/// Fails a step unless the server refuses with this code.
fn refused<T: Debug>(result: kube::Result<T>, code: u16) -> Outcome<Box<Status>> {
    match result {
        Err(Error::Api(status)) if status.code == code => Ok(status),
        other => Err(format!("{code} is missing: {other:?}").into()),
    }
}

const KNOWN: &[Known] = &[
    known("pod: logs", Passes::OnlyThere, "no containers run here: 501"),
    known("pod: resize", Passes::OnlyThere, "no kubelet resizes a container here: 501"),
    known("component statuses", Passes::OnlyThere, "nothing answers for them here: 501"),
    known("roles that every cluster has", Passes::OnlyThere, "only in a server with RBAC"),
];

const fn known(step: &'static str, passes: Passes, reason: &'static str) -> Known {
    Known { step, passes, reason }
}
