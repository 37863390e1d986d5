//! What an election takes from the environment of its pod.

use std::ffi::OsString;

use super::{builder::LeaderElectionBuilder, namespace, transport::LeaseStore};
use crate::{
    environment::said,
    error::{Error, Result},
};

/// Describes a candidate by the variables that `lookup` knows.
pub(super) fn describe(
    store: impl LeaseStore,
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Result<LeaderElectionBuilder> {
    let name = set(&lookup, LEASE).ok_or(Error::LeaseNameUnknown)?;
    let namespace = namespace::find(set(&lookup, NAMESPACE))?;
    let builder = LeaderElectionBuilder::new(store, namespace, name);
    Ok(match pod_name(&lookup) {
        Some(pod) => builder.identity(pod),
        None => builder,
    })
}

/// Returns the name of this pod, as far as these variables tell it.
pub(super) fn pod_name(lookup: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    set(&lookup, POD).or_else(|| set(&lookup, HOST))
}

fn set(lookup: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<String> {
    said(lookup(name))
}

const HOST: &str = "HOSTNAME";
const LEASE: &str = "HA_LEASE";
pub(super) const NAMESPACE: &str = "POD_NAMESPACE";
const POD: &str = "POD_NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leader::{Identity, transport::Standalone};

    fn described(variables: &[(&str, &str)]) -> Result<LeaderElectionBuilder> {
        describe(Standalone::default(), |name| {
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
    fn the_host_name_stands_in_for_an_empty_pod_name() {
        let names =
            [("HA_LEASE", "l"), ("POD_NAMESPACE", "n"), ("POD_NAME", " "), ("HOSTNAME", "h")];
        assert_eq!(described(&names).unwrap().identity.resolve(), "h");
        let nameless = described(&names[..2]).unwrap().identity;
        assert!(matches!(nameless, Identity::PodNameOrUuid), "{nameless:?}");
    }

    #[test]
    fn a_missing_or_empty_variable_is_named_by_the_error() {
        for variables in
            [&[("POD_NAMESPACE", "n")][..], &[("POD_NAMESPACE", "n"), ("HA_LEASE", "")]]
        {
            let error = described(variables).unwrap_err();
            assert!(error.to_string().contains("HA_LEASE"), "{error}");
        }
        let error = described(&[("HA_LEASE", "l"), ("POD_NAMESPACE", "")]).unwrap_err();
        assert!(error.to_string().contains("POD_NAMESPACE"), "{error}");
    }
}
