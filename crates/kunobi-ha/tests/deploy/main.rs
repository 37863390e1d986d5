//! The deployment artefacts: what `scripts/deploy.sh` renders is what the library needs.

mod agreement;
mod constants;
mod disruption;
mod rbac;
mod rendering;
mod rollout;
mod workload;
