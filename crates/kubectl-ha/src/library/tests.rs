//! Records of each library, as they are seen on a real API server.

use serde_json::{Value, json};

use super::*;

const UUID: &str = "06c639a5-efae-4674-b556-d08f3dc1ac4d";

#[test]
fn a_library_is_told_by_the_manager_of_the_record() {
    let hashed = format!("host1_{UUID}");
    let cases = [
        ("a", "kunobi-ha", "Update", Library::KunobiHa, Certainty::Named),
        ("a", "kubert", "Update", Library::Kubert, Certainty::Named),
        ("a", "kube-lease-manager-a", "Update", Library::KubeLeaseManager, Certainty::Named),
        ("a", "a", "Update", Library::KubeLeaderElection, Certainty::Fits),
        ("a", "my-operator", "Apply", Library::Applied, Certainty::Fits),
        (&hashed, "manager", "Update", Library::ClientGo, Certainty::Fits),
        ("a", "manager", "Update", Library::ClientGo, Certainty::Fits),
        ("a", "kubectl-edit", "Update", Library::Unknown, Certainty::Unknown),
        ("a", "OpenAPI-Generator", "Update", Library::Unknown, Certainty::Unknown),
        ("a", "unknown", "Update", Library::Unknown, Certainty::Unknown),
    ];
    for (holder, manager, operation, library, certainty) in cases {
        let lease = lease(holder, manager, operation, "2026-11-27T10:00:01.123456Z");
        let author = Author::of(&[&lease]);
        assert_eq!((author.library, author.certainty), (library, certainty), "{manager}");
        assert!(
            author.evidence[0].contains(&format!("{manager:?} ({operation})")),
            "{:?}",
            author.evidence
        );
        assert_eq!(author.is_ours(), library == Library::KunobiHa);
    }
}

#[test]
fn whole_seconds_of_a_client_without_a_name_are_those_of_0_6() {
    let at = |time: &str| lease("a", "unknown", "Update", time);
    let (one, two) = (at("2026-11-27T10:00:01.000000Z"), at("2026-11-27T10:00:03.000000Z"));
    let author = Author::of(&[&one, &two]);
    assert_eq!((author.library, author.certainty), (Library::KunobiHa06, Certainty::Fits));
    assert_eq!(Author::of(&[&one, &one]).library, Library::Unknown, "one renewal is too few");
    let fine = at("2026-11-27T10:00:05.000001Z");
    assert_eq!(Author::of(&[&one, &two, &fine]).library, Library::Unknown);
}

// A wish, or a label, makes kubectl a manager, too.
#[test]
fn it_is_the_manager_of_the_renewal_that_counts() {
    let mut object = object("a", "kunobi-ha", "Update", "2026-11-27T10:00:01Z");
    let managers = object["metadata"]["managedFields"].as_array_mut().unwrap();
    managers.push(json!({
        "manager": "kubectl-annotate", "operation": "Update", "time": "2026-11-27T11:00:00Z",
        "fieldsV1": { "f:metadata": { "f:annotations": {} } },
    }));
    assert!(Author::of(&[&Lease::read(&object)]).is_ours());
}

#[test]
fn heartbeats_elect_nobody_and_nothing_is_told_without_managers() {
    let mut object = object("node-1", "kubelet", "Update", "2026-11-27T10:00:01Z");
    object["metadata"]["namespace"] = "kube-node-lease".into();
    assert_eq!(Author::of(&[&Lease::read(&object)]).library, Library::Heartbeat);
    object["metadata"]["namespace"] = "shop".into();
    object["metadata"]["managedFields"] = json!([]);
    assert_eq!(Author::of(&[&Lease::read(&object)]).library, Library::Unknown);
    assert_eq!(Author::of(&[]).library, Library::Unknown);
}

fn lease(holder: &str, manager: &str, operation: &str, renewed: &str) -> Lease {
    Lease::read(&object(holder, manager, operation, renewed))
}

fn object(holder: &str, manager: &str, operation: &str, renewed: &str) -> Value {
    json!({
        "metadata": {
            "namespace": "shop", "name": "orders", "uid": "u",
            "managedFields": [{
                "manager": manager, "operation": operation, "time": "2026-11-27T10:00:01Z",
                "fieldsV1": { "f:spec": { "f:holderIdentity": {}, "f:renewTime": {} } },
            }],
        },
        "spec": { "holderIdentity": holder, "leaseDurationSeconds": 15, "renewTime": renewed },
    })
}
