//! What an answer of the API server means.

use kunobi_ha_core::{Outcome, Refusal, Verb};
use serde_json::Value;

use super::lease::{LeaseName, Served, Unreadable};
use crate::{
    error::{BoxError, Denier, Error},
    leader::{transport::Answer, words::Words},
};

/// An answer, as the machine and as its users are to see it.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) outcome: Outcome,
    /// The object that came with it.
    pub(super) served: Option<Served>,
    /// What went wrong.
    pub(super) trouble: Option<Trouble>,
}

/// What went wrong with a request, for people.
#[derive(Debug)]
pub(in crate::leader) struct Trouble {
    pub(in crate::leader) status: Option<u16>,
    pub(in crate::leader) message: Words,
    /// Who denied the request, if a Role would not have helped.
    pub(in crate::leader) denier: Option<Denier>,
    pub(in crate::leader) source: Option<BoxError>,
}

impl Meaning {
    pub(super) fn of(verb: Verb, lease: &LeaseName, answer: Result<Answer, BoxError>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(source) => {
                let message = Words::of_error(&*source);
                let trouble = Trouble { status: None, message, denier: None, source: Some(source) };
                return Self::failed(Outcome::Unknown { retry_after: None }, trouble);
            }
        };
        if answer.is_success() {
            Self::of_success(verb, lease, &answer)
        } else {
            Self::of_refusal(verb, &answer)
        }
    }

    fn of_success(verb: Verb, lease: &LeaseName, answer: &Answer) -> Self {
        match lease.read(&answer.body) {
            Ok(served) => {
                let lease = served.lease();
                let outcome = match verb {
                    Verb::Get => Outcome::Found(lease),
                    Verb::Create | Verb::Update => {
                        Outcome::Written { lease, created: answer.status == 201 }
                    }
                };
                Self { outcome, served: Some(served), trouble: None }
            }
            Err(Unreadable::NotJson(error)) => {
                let message = format!("the answer is no JSON: {error}");
                let outcome = Outcome::Unknown { retry_after: None };
                Self::failed(outcome, Trouble::told(answer.status, &message))
            }
            Err(Unreadable::NotALease(why)) => {
                let message = format!(
                    "what is served as Lease {}/{} is none that could be written back: {why}",
                    lease.namespace, lease.name
                );
                let outcome = match verb {
                    Verb::Get => Outcome::Refused(Refusal::NotALease),
                    // Something was written, whatever came back.
                    Verb::Create | Verb::Update => Outcome::Unknown { retry_after: None },
                };
                Self::failed(outcome, Trouble::told(answer.status, &message))
            }
        }
    }

    fn of_refusal(verb: Verb, answer: &Answer) -> Self {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = String::from_utf8_lossy(&answer.body);
        let said = match body.get("message").and_then(Value::as_str) {
            Some(said) => Some(said),
            // A filter in front of the API server answers in plain text.
            None => Some(text.trim()).filter(|text| !text.starts_with(['{', '<'])),
        };
        let said = said.filter(|said| !said.is_empty());
        let why = Words::of(said.unwrap_or("no reason was given"));
        let mut trouble = Trouble::told(
            answer.status,
            &format!("{verb} was answered with {}: {why}", answer.status),
        );
        if answer.status == 403 {
            trouble.denier = said.and_then(|said| denier(&body, said));
        }
        let retry_after = answer.retry_after;
        // rule 12: a refusal is what only an administrator can change.
        let outcome = match answer.status {
            401 => Outcome::Refused(Refusal::Unauthorized),
            403 => Outcome::Refused(Refusal::Forbidden),
            404 if is_about_namespace(&body) => Outcome::Refused(Refusal::NamespaceMissing),
            404 if verb == Verb::Get => {
                return Self { outcome: Outcome::Absent, served: None, trouble: None };
            }
            404 => Outcome::Absent,
            405 => Outcome::MethodNotAllowed,
            409 => Outcome::Conflict,
            422 if is_about_version(&body) => Outcome::Conflict,
            422 => Outcome::Refused(Refusal::Invalid),
            400..=499 => Outcome::Rejected { retry_after },
            _ => Outcome::Unknown { retry_after },
        };
        Self::failed(outcome, trouble)
    }

    fn failed(outcome: Outcome, trouble: Trouble) -> Self {
        Self { outcome, served: None, trouble: Some(trouble) }
    }
}

impl Trouble {
    fn told(status: u16, message: &str) -> Self {
        Self { status: Some(status), message: Words::of(message), denier: None, source: None }
    }

    pub(in crate::leader) fn silence() -> Self {
        let message = Words::of("no request was answered");
        Self { status: None, message, denier: None, source: None }
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let Trouble { status, message, denier: _, source } = trouble;
        let message = message.into();
        match status {
            Some(401) => Self::Unauthorized { message },
            status => Self::Api { status, message, source },
        }
    }
}

/// Tells who denied the request; `None` if a Role is missing, or may be.
fn denier(body: &Value, said: &str) -> Option<Denier> {
    let terminates =
        |cause: &Value| cause.get("reason").and_then(Value::as_str) == Some("NamespaceTerminating");
    // A message of admission may quote anything, so that it is looked for first.
    if said.starts_with("admission webhook ") || said.contains("ValidatingAdmissionPolicy ") {
        Some(Denier::Admission)
    } else if causes(body).any(terminates) {
        Some(Denier::NamespaceTerminating)
    } else if said.contains("exceeded quota: ") || said.contains("failed quota: ") {
        Some(Denier::Quota)
    } else if said.contains(" cannot ") {
        None
    } else {
        Some(Denier::Other)
    }
}

fn causes(body: &Value) -> impl Iterator<Item = &Value> {
    body.pointer("/details/causes").and_then(Value::as_array).into_iter().flatten()
}

fn is_about_namespace(body: &Value) -> bool {
    body.pointer("/details/kind").and_then(Value::as_str) == Some("namespaces")
}

fn is_about_version(body: &Value) -> bool {
    causes(body)
        .any(|cause| cause.get("field").and_then(Value::as_str) == Some("metadata.resourceVersion"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_meaning() {
        let absent = Outcome::Absent;
        let conflict = Outcome::Conflict;
        let refused = Outcome::Refused;
        let rejected = Outcome::Rejected { retry_after: None };
        let unknown = Outcome::Unknown { retry_after: None };
        let cases = [
            (404, r#"{"details":{"kind":"leases"}}"#, absent.clone()),
            (404, "404 page not found", absent),
            (404, r#"{"details":{"kind":"namespaces"}}"#, refused(Refusal::NamespaceMissing)),
            (403, "{}", refused(Refusal::Forbidden)),
            (405, "{}", Outcome::MethodNotAllowed),
            (409, r#"{"reason":"AlreadyExists"}"#, conflict.clone()),
            (422, r#"{"details":{"causes":[{"field":"metadata.resourceVersion"}]}}"#, conflict),
            (
                422,
                r#"{"details":{"causes":[{"field":"spec.renewTime"}]}}"#,
                refused(Refusal::Invalid),
            ),
            (422, "", refused(Refusal::Invalid)),
            (400, "{}", rejected.clone()),
            (401, "{}", refused(Refusal::Unauthorized)),
            (410, "{}", rejected),
            (500, "{}", unknown.clone()),
            (302, "{}", unknown.clone()),
            (200, "<html>", unknown.clone()),
            (200, "", unknown),
            (200, "[]", refused(Refusal::NotALease)),
            (200, "null", refused(Refusal::NotALease)),
        ];
        for (status, body, outcome) in cases {
            assert_eq!(read(Verb::Get, status, body).outcome, outcome, "{status} {body}");
        }
    }

    #[test]
    fn a_lease_that_a_read_does_not_find_is_no_trouble() {
        assert!(read(Verb::Get, 404, "{}").trouble.is_none());
        for verb in [Verb::Create, Verb::Update] {
            assert!(read(verb, 404, "{}").trouble.is_some(), "{verb:?}");
        }
    }

    #[test]
    fn a_rejection_in_plain_text_is_told() {
        let said = |body| String::from(read(Verb::Get, 429, body).trouble.unwrap().message);
        let text = "Too many requests, please try again later.";
        assert_eq!(
            said("Too many requests, please try again later.\n"),
            format!("get was answered with 429: {text}")
        );
        for silent in ["", "{}", "<html>"] {
            assert_eq!(said(silent), "get was answered with 429: no reason was given");
        }
    }

    #[test]
    fn a_403_says_who_denied_it() {
        let webhook = r#"admission webhook \"v\" denied the request: User \"x\" cannot do so"#;
        let policy =
            "leases \\\"l\\\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: no";
        let quota = "leases is forbidden: exceeded quota: q, requested: count/leases=1";
        let role = r#"leases \"l\" is forbidden: User \"x\" cannot get resource \"leases\""#;
        let path = r#"forbidden: User \"system:anonymous\" cannot get path \"/\""#;
        for (said, denier) in [
            (webhook, Some(Denier::Admission)),
            (policy, Some(Denier::Admission)),
            (quota, Some(Denier::Quota)),
            (role, None),
            (path, None),
            ("no entry", Some(Denier::Other)),
        ] {
            let body = format!(r#"{{"message":"{said}"}}"#);
            let trouble = read(Verb::Create, 403, &body).trouble.unwrap();
            assert_eq!(trouble.denier, denier, "{trouble:?}");
        }
        let ends = r#"{"message":"forbidden: it is being terminated",
            "details":{"causes":[{"reason":"NamespaceTerminating"}]}}"#;
        let trouble = read(Verb::Create, 403, ends).trouble.unwrap();
        assert_eq!(trouble.denier, Some(Denier::NamespaceTerminating));
        assert_eq!(read(Verb::Get, 403, "{}").trouble.unwrap().denier, None, "it may be a Role");
    }

    #[test]
    fn a_write_whose_answer_is_no_lease_may_have_been_applied() {
        for verb in [Verb::Create, Verb::Update] {
            let reading = read(verb, 200, r#"{"kind":"Pod"}"#);
            assert_eq!(reading.outcome, Outcome::Unknown { retry_after: None });
            assert!(reading.trouble.unwrap().message.as_str().contains("Pod"));
        }
    }

    fn read(verb: Verb, status: u16, body: &str) -> Meaning {
        let lease = LeaseName { namespace: "n".into(), name: "l".into(), labels: [].into() };
        let body = body.to_owned().into();
        Meaning::of(verb, &lease, Ok(Answer { status, retry_after: None, body }))
    }
}
