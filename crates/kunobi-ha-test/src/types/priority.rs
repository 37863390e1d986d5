//! Which of two versions is preferred.

use std::cmp::Reverse;

/// The place of a version among the others of its group: v2, v1, v1beta10, v1beta2, v1alpha1, then
/// what is not called so, by name. The greatest is preferred.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Priority<'a> {
    Other(Reverse<&'a str>),
    Kubernetes { stability: Stability, major: u64, minor: u64 },
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Stability {
    Alpha,
    Beta,
    Stable,
}

impl<'a> Priority<'a> {
    pub(crate) fn of(version: &'a str) -> Self {
        Self::kubernetes(version).unwrap_or(Self::Other(Reverse(version)))
    }

    fn kubernetes(version: &str) -> Option<Self> {
        let version = version.strip_prefix('v')?;
        let (major, stability, minor) = if let Some((major, minor)) = version.split_once("alpha") {
            (major, Stability::Alpha, number(minor)?)
        } else if let Some((major, minor)) = version.split_once("beta") {
            (major, Stability::Beta, number(minor)?)
        } else {
            (version, Stability::Stable, 0)
        };
        Some(Self::Kubernetes { stability, major: number(major)?, minor })
    }
}

/// Digits alone: a sign is not one.
fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Priority;

    #[test]
    fn versions_are_sorted_as_the_server_sorts_them() {
        let sorted = [
            "v10",
            "v2",
            "v1",
            "v11beta2",
            "v10beta3",
            "v3beta1",
            "v12alpha1",
            "v11alpha2",
            "1",
            "V1",
            "foo1",
            "foo10",
            "v",
            "v+1",
            "v1beta",
            "v1beta1x",
        ];
        let mut versions = sorted;
        versions.reverse();
        versions.sort_by(|a, b| Priority::of(b).cmp(&Priority::of(a)));
        assert_eq!(versions, sorted);
    }
}
