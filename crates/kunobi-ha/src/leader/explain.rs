//! What a candidacy that failed is told of, and what an administrator has to change.

use kunobi_ha_core::{Failure, Refusal, Verb};

use super::driver::{LeaseName, Parts, Trouble};
use crate::error::Error;

impl Parts {
    /// Says why a candidacy failed.
    pub(super) fn explain(&self, failure: Failure, trouble: Option<Trouble>) -> Error {
        let trouble = trouble.unwrap_or_else(Trouble::silence);
        match failure {
            Failure::Refused { verb, refusal: Refusal::Forbidden } => {
                let message = String::from(trouble.message);
                let verb = match verb {
                    // A PUT that creates needs both verbs, and is refused for this one first.
                    Verb::Create if message.contains("cannot update resource") => "update",
                    Verb::Create => "create",
                    Verb::Get => "get",
                    Verb::Update => "update",
                };
                match trouble.denier {
                    Some(by) => Error::Denied { verb, by, message },
                    None => Error::Forbidden { verb, role: self.role(), message },
                }
            }
            Failure::Refused { refusal: Refusal::NamespaceMissing, .. } => {
                Error::NamespaceMissing { namespace: self.lease.namespace.clone() }
            }
            Failure::Refused { refusal: Refusal::NotALease, .. } => {
                Error::NotALease { message: trouble.message.into() }
            }
            Failure::ObserveTimeout => {
                let last = Box::new(trouble.into());
                Error::ObserveTimeout(self.elector.timing().config().observe_timeout, last)
            }
            _ => trouble.into(),
        }
    }

    /// The Role that grants all that is needed. A name may look like a number, so it is quoted.
    fn role(&self) -> String {
        let LeaseName { namespace, name, .. } = &self.lease;
        let watch = if self.watches { ", watch" } else { "" };
        let events = if self.events {
            "- apiGroups: [\"\"]\n  resources: [events]\n  verbs: [create]\n"
        } else {
            ""
        };
        // Pods of another namespace need a Role there, which the log asks for.
        let here = |pods: &str| pods == namespace.as_str();
        let certificates = self.certificates.as_ref().is_some_and(|pods| here(&pods.namespace));
        let successors = self.successors.as_ref().is_some_and(|of| here(of.namespace()));
        let verbs = match (certificates, successors) {
            (true, true) => "get, list, watch",
            (true, false) => "get, watch",
            (false, true) => "list",
            (false, false) => "",
        };
        let pods = match verbs {
            "" => String::new(),
            verbs => format!("- apiGroups: [\"\"]\n  resources: [pods]\n  verbs: [{verbs}]\n"),
        };
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\n\
             kind: Role\n\
             metadata:\n  name: {name}-leader-election\n  namespace: \"{namespace}\"\n\
             rules:\n\
             - apiGroups: [coordination.k8s.io]\n  \
               resources: [leases]\n  \
               resourceNames: [\"{name}\"]\n  \
               verbs: [get, create, update{watch}]\n{events}{pods}"
        )
    }
}
