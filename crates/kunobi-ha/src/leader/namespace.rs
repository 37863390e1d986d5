//! In which namespace this process runs.

use std::{env, fs};

use super::environment;
use crate::error::{Error, Result};

/// Returns the namespace of this pod: `$POD_NAMESPACE`, or else what its service account says.
///
/// # Errors
///
/// [`Error::NamespaceUnknown`] outside a pod, if the variable is not set.
pub fn pod_namespace() -> Result<String> {
    find(environment::namespace(|name| env::var_os(name)))
}

pub(super) fn find(told: Option<String>) -> Result<String> {
    let mounted = || fs::read_to_string(SERVICE_ACCOUNT).ok();
    choose(told, mounted).ok_or(Error::NamespaceUnknown)
}

fn choose(told: Option<String>, mounted: impl FnOnce() -> Option<String>) -> Option<String> {
    let named = |text: String| Some(text.trim().to_owned()).filter(|name| !name.is_empty());
    told.and_then(named).or_else(|| mounted().and_then(named))
}

const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_goes_before_the_file_and_empty_counts_as_unset() {
        let cases = [
            (Some("a"), Some("b"), Some("a")),
            (Some(" "), Some("b\n"), Some("b")),
            (None, Some("b"), Some("b")),
            (None, Some(""), None),
            (None, None, None),
        ];
        for (told, mounted, namespace) in cases {
            let chosen = choose(told.map(Into::into), || mounted.map(Into::into));
            assert_eq!(chosen.as_deref(), namespace, "{told:?} {mounted:?}");
        }
    }
}
