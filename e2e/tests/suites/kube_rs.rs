//! What programs with kube-rs do: each step does what one of its tests or examples does, or a widely used operator.

mod objects;

use e2e::suites::{Column, Failure, Known, Suite};
use kube::Client;

use crate::sides;

type Outcome<T = ()> = Result<T, Failure>;

#[test]
fn programs_with_kube_rs() {
    let mut suite = Suite::new("kube-rs", KNOWN);
    sides::run(&mut suite, "suite-kube-rs", &async |column: &mut Column, client: Client| {
        objects::steps(column, &client).await;
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

const KNOWN: &[Known] = &[];
