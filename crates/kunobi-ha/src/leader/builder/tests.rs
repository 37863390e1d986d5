//! What the environment says of a candidate.

use super::*;
use crate::{error::Result, leader::transport::Standalone};

fn described(variables: &[(&str, &str)]) -> Result<LeaderElectionBuilder> {
    LeaderElectionBuilder::from_variables(Standalone::default(), |name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).into())
    })
}

#[test]
fn what_the_chart_sets_is_lease_namespace_and_identity() {
    let builder = described(&[
        ("HA_LEASE", "the-lease"),
        ("POD_NAMESPACE", "ns"),
        ("POD_NAME", "pod-1"),
        ("HOSTNAME", "host"),
    ])
    .unwrap();
    assert_eq!((builder.namespace.as_str(), builder.name.as_str()), ("ns", "the-lease"));
    assert_eq!(builder.identity.resolve(), "pod-1");
    assert_eq!(builder.identity("mine").identity.resolve(), "mine", "what is said wins");
}

#[test]
fn a_successor_is_named_only_if_the_environment_says_so() {
    for (said, names) in
        [("true", true), (" true ", true), ("", false), ("false", false), ("1", false)]
    {
        let variables = [("HA_LEASE", "l"), ("POD_NAMESPACE", "n"), ("HA_SUCCESSOR", said)];
        assert_eq!(described(&variables).unwrap().successors.is_some(), names, "{said:?}");
    }
}

#[test]
fn the_host_name_stands_in_for_an_empty_pod_name() {
    let names = [("HA_LEASE", "l"), ("POD_NAMESPACE", "n"), ("POD_NAME", " "), ("HOSTNAME", "h")];
    assert_eq!(described(&names).unwrap().identity.resolve(), "h");
    let nameless = described(&names[..2]).unwrap().identity;
    assert!(matches!(nameless, Identity::PodNameOrUuid), "{nameless:?}");
}

#[test]
fn a_missing_or_empty_variable_is_named_by_the_error() {
    for variables in [&[("POD_NAMESPACE", "n")][..], &[("POD_NAMESPACE", "n"), ("HA_LEASE", "")]] {
        let error = described(variables).unwrap_err();
        assert!(error.to_string().contains("HA_LEASE"), "{error}");
    }
    let error = described(&[("HA_LEASE", "l"), ("POD_NAMESPACE", "")]).unwrap_err();
    assert!(error.to_string().contains("POD_NAMESPACE"), "{error}");
}

#[test]
fn certificates_are_on_where_the_environment_names_the_container() {
    let names = [
        ("HA_LEASE", "l"),
        ("POD_NAMESPACE", "n"),
        ("HA_TERMINATION_LOG", "/tmp/message"),
        ("HA_DEATH_CERTIFICATES", "manager"),
    ];
    assert!(described(&names[..3]).unwrap().certificates.is_none());
    let parts = described(&names).unwrap().parse().unwrap();
    let certificates = parts.certificates.unwrap();
    assert_eq!((&*certificates.container, &*certificates.namespace), ("manager", "n"));
    assert_eq!(certificates.log.path().to_str(), Some("/tmp/message"));
    let error = described(&[names[0], names[1], ("HA_DEATH_CERTIFICATES", "a.b")]).unwrap();
    assert!(matches!(error.parse(), Err(InvalidConfig::ContainerInvalid { .. })));
}
