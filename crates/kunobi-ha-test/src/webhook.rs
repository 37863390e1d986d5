//! Admission webhooks: which of them a write is shown to, in what words, and what their answers mean. No I/O.

mod attributes;
mod conditions;
mod configuration;
mod hook;
mod invocation;
mod options;
mod patch;
mod request;
mod response;
mod rule;

use std::sync::Arc;

use serde_json::Value;

pub(crate) use self::{
    attributes::Attributes,
    configuration::validate,
    hook::{ClientConfig, FailurePolicy, Hook, Hooks},
    invocation::Invocation,
    options::{deletion_options, write_options},
    request::Review,
    response::{Said, Verdict, unsuccessful, verify},
};

/// The group of the configurations, whose own writes webhooks are not shown.
pub(crate) const GROUP: &str = "admissionregistration.k8s.io";

/// The two rounds of admission.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Stage {
    /// One webhook after the other may change the object, before it is checked.
    Mutating,
    /// All at once see what is to be stored.
    Validating,
}

/// What a write does to an object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
}

/// A write that waits for what webhooks say of it.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) stage: Stage,
    /// Those whose rules match, in the order of their configurations.
    pub(crate) hooks: Vec<Arc<Hook>>,
    pub(crate) attributes: Attributes,
    /// None: the object is deleted.
    pub(crate) object: Option<Value>,
}

impl Stage {
    /// The plural of its configurations.
    pub(crate) fn of(plural: &str) -> Option<Self> {
        match plural {
            "mutatingwebhookconfigurations" => Some(Self::Mutating),
            "validatingwebhookconfigurations" => Some(Self::Validating),
            _ => None,
        }
    }
}

impl Operation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}
