//! The rules by which Kubernetes takes names and labels.

use std::collections::BTreeMap;

use kunobi_ha_core::InvalidConfig;

/// Tells whether the API server would store a Lease of this name; it is part of a URL as well.
pub(super) fn check_name(name: &str) -> Result<(), InvalidConfig> {
    let invalid = |rule| InvalidConfig::NameInvalid { name: name.into(), rule };
    match name {
        "" => Err(InvalidConfig::NameEmpty),
        _ if is_subdomain(name) => Ok(()),
        _ => Err(invalid(SUBDOMAIN)),
    }
}

pub(super) fn check_namespace(namespace: &str) -> Result<(), InvalidConfig> {
    let invalid = |rule| InvalidConfig::NamespaceInvalid { namespace: namespace.into(), rule };
    match namespace {
        "" => Err(InvalidConfig::NamespaceEmpty),
        _ if namespace.len() <= LONGEST_LABEL && is_label(namespace) => Ok(()),
        _ => Err(invalid(LABEL)),
    }
}

pub(super) fn check_container(name: &str) -> Result<(), InvalidConfig> {
    let invalid = |rule| InvalidConfig::ContainerInvalid { container: name.into(), rule };
    match name {
        "" => Err(invalid(UNNAMED)),
        _ if name.len() <= LONGEST_LABEL && is_label(name) => Ok(()),
        _ => Err(invalid(LABEL)),
    }
}

pub(super) fn check_labels(labels: &BTreeMap<String, String>) -> Result<(), InvalidConfig> {
    for (key, value) in labels {
        let rule = if !is_key(key) {
            KEY
        } else if !value.is_empty() && !is_qualified(value) {
            VALUE
        } else {
            continue;
        };
        let (key, value) = (key.clone(), value.clone());
        return Err(InvalidConfig::LabelInvalid { key, value, rule });
    }
    Ok(())
}

/// RFC 1123, a subdomain.
pub(super) fn is_subdomain(text: &str) -> bool {
    text.len() <= LONGEST_SUBDOMAIN && text.split('.').all(is_label)
}

/// RFC 1123, a label, without the limit on its length.
fn is_label(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    is_framed(text, fits) && text.bytes().all(|byte| fits(byte) || byte == b'-')
}

fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_qualified(name),
        None => is_qualified(key),
    }
}

fn is_qualified(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric();
    text.len() <= LONGEST_LABEL
        && is_framed(text, fits)
        && text.bytes().all(|byte| fits(byte) || b"-_.".contains(&byte))
}

/// Tells whether it begins and ends with what fits.
fn is_framed(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| fits(*byte)) && bytes.last().is_some_and(|byte| fits(*byte))
}

const LONGEST_LABEL: usize = 63;
const LONGEST_SUBDOMAIN: usize = 253;
const SUBDOMAIN: &str = "use at most 253 lower case letters, digits, '-' and '.', and a letter or \
                         digit on both sides of each '.' and at both ends";
const LABEL: &str =
    "use at most 63 lower case letters, digits and '-', and a letter or digit at both ends";
const UNNAMED: &str = "name the container in which this process runs, with \
                       DeathCertificates::container or HA_DEATH_CERTIFICATES";
const KEY: &str = "as a key, use at most 63 letters, digits, '-', '_' and '.', and a letter or \
                   digit at both ends, after a DNS name and '/' if need be";
const VALUE: &str = "as a value, use at most 63 letters, digits, '-', '_' and '.', and a letter or \
                     digit at both ends, or nothing";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_subdomains() {
        let long = |length| "a".repeat(length);
        for name in ["l", "my-operator", "a.b-c.0", "0", &long(253)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in [
            "my operator",
            "a/b",
            "x?dryRun=All",
            "x#f",
            "UPPER",
            "..",
            ".",
            "a.",
            ".a",
            "a..b",
            "-a",
            "a-",
            "a-.b",
            "%2e",
            "é",
            "x\r\nX-Evil: 1",
            "a_b",
            &long(254),
        ] {
            assert!(matches!(check_name(name), Err(InvalidConfig::NameInvalid { .. })), "{name}");
        }
        assert_eq!(check_name(""), Err(InvalidConfig::NameEmpty));
    }

    #[test]
    fn namespaces_are_dns_labels() {
        for namespace in ["default", "a-0", &"a".repeat(63)] {
            assert_eq!(check_namespace(namespace), Ok(()), "{namespace}");
        }
        for namespace in ["a.b", "A", "-", "a/b", " a", &"a".repeat(64)] {
            let checked = check_namespace(namespace);
            assert!(matches!(checked, Err(InvalidConfig::NamespaceInvalid { .. })), "{namespace}");
        }
        assert_eq!(check_namespace(""), Err(InvalidConfig::NamespaceEmpty));
    }

    #[test]
    fn labels_are_qualified_names() {
        let check = |key: &str, value: &str| {
            check_labels(&[(key.to_owned(), value.to_owned())].into()).is_ok()
        };
        for (key, value) in [("app", "a"), ("app.kubernetes.io/name", ""), ("A_b", "0.x-Y")] {
            assert!(check(key, value), "{key} {value}");
        }
        for (key, value) in
            [("", "a"), ("a b", "a"), ("/a", "a"), ("a/", "a"), ("a/b/c", "a"), ("A/b", "a")]
        {
            assert!(!check(key, value), "{key} {value}");
        }
        for value in ["a b", "-a", "a/b", "é", &"a".repeat(64)] {
            assert!(!check("app", value), "{value}");
        }
    }
}
