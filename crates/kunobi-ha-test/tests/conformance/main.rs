//! How a Kubernetes API server behaves, as requests and answers.
//!
//! An arm is a way to send a request; the tests are the same for all arms. The package `e2e` of the
//! repository runs these files against kube-apiserver.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod arm;
mod cas;
mod inputs;
mod leases;
mod local;
mod mask;
mod memory;
mod pods;
mod rbac;
mod requests;
mod rows;
mod rules;
mod tables;

use arm::Arm;
use local::{InProcess, Port};

/// Runs every rule on both arms, each on a server of its own.
macro_rules! rules {
    ($module:ident: $($rule:ident)*) => {
        mod $module {
            $(
                mod $rule {
                    #[tokio::test(start_paused = true)]
                    async fn in_process() {
                        crate::$module::$rule(&crate::InProcess::start()).await;
                    }

                    #[tokio::test]
                    async fn over_a_port() {
                        crate::$module::$rule(&crate::Port::start().await).await;
                    }
                }
            )*
        }
    };
}

mod on;

/// Where the files of requests and answers are.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");
