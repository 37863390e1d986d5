//! The behaviour tests of `kunobi-ha-test`, unchanged, against kube-apiserver.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

#[path = "../../../crates/kunobi-ha-test/tests/conformance/arm.rs"]
mod arm;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/cas.rs"]
mod cas;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/inputs.rs"]
mod inputs;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/leases.rs"]
mod leases;
mod limits;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/mask.rs"]
mod mask;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/memory.rs"]
mod memory;
mod openapi;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/pods.rs"]
mod pods;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/rbac.rs"]
mod rbac;
mod real;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/requests.rs"]
mod requests;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/rows.rs"]
mod rows;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/rules.rs"]
mod rules;
#[path = "../../../crates/kunobi-ha-test/tests/conformance/tables.rs"]
mod tables;

use arm::Arm;

/// Runs every rule in a namespace of its own.
macro_rules! rules {
    ($module:ident: $($rule:ident)*) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $rule() {
                    crate::$module::$rule(&crate::real::Real::start().await).await;
                }
            )*
        }
    };
}

#[path = "../../../crates/kunobi-ha-test/tests/conformance/on.rs"]
mod on;

/// Where the files of requests and answers are.
const FILES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/kunobi-ha-test/tests/conformance");
