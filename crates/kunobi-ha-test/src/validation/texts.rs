//! What texts may say, in the words of kube-apiserver. Each function returns all that is wrong.

/// The name of an object, or of a host.
pub(crate) fn dns_subdomain(text: &str) -> Vec<String> {
    let mut problems = no_longer_than(253, text);
    if !text.split('.').all(is_dns_label) {
        problems.push(regex(SUBDOMAIN, SUBDOMAIN_REGEX, &["example.com"]));
    }
    problems
}

/// A part of a DNS name.
pub(super) fn dns_label(text: &str) -> Vec<String> {
    let mut problems = no_longer_than(63, text);
    if !is_dns_label(text) {
        problems.push(if text.split('.').all(is_dns_label) {
            "must not contain dots".into()
        } else {
            regex(LABEL, LABEL_REGEX, &["my-name", "123-abc"])
        });
    }
    problems
}

/// A domain in which to search: its parts may begin with an underscore.
pub(super) fn search_domain(text: &str) -> Vec<String> {
    let mut problems = no_longer_than(253, text);
    let is_part = |part: &str| {
        let part = part.strip_prefix('_').unwrap_or(part);
        is_edged(part, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(), b"-_")
    };
    if !text.split('.').all(is_part) {
        problems.push(regex(SEARCH, SEARCH_REGEX, &["example.com"]));
    }
    problems
}

/// `*.example.com`.
pub(super) fn wildcard(text: &str) -> Vec<String> {
    let mut problems = no_longer_than(253, text);
    let rest = text.strip_prefix("*.");
    if !rest.is_some_and(|rest| rest.split('.').all(is_dns_label)) {
        problems.push(regex(WILDCARD, &format!("\\*\\.{SUBDOMAIN_REGEX}"), &["*.example.com"]));
    }
    problems
}

/// A name that is a part of a path of the API.
pub(super) fn path_segment(text: &str) -> Vec<String> {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    let bad = ['/', '%'].into_iter().filter(|bad| text.contains(*bad));
    bad.map(|bad| format!("may not contain '{bad}'")).collect()
}

pub(super) fn port_name(text: &str) -> Vec<String> {
    let mut problems = no_longer_than(15, text);
    let is_letter = |byte: u8| byte.is_ascii_lowercase();
    let is_known = |byte: u8| is_letter(byte) || byte.is_ascii_digit() || byte == b'-';
    let mut check = |is_right: bool, problem: &str| {
        if !is_right {
            problems.push(problem.to_owned());
        }
    };
    check(
        !text.is_empty() && text.bytes().all(is_known),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    check(text.bytes().any(is_letter), "must contain at least one letter (a-z)");
    check(!text.contains("--"), "must not contain consecutive hyphens");
    check(!text.starts_with('-') && !text.ends_with('-'), "must not begin or end with a hyphen");
    problems
}

/// A key of a `ConfigMap` or a Secret.
pub(super) fn config_key(text: &str) -> Vec<String> {
    let mut problems = no_longer_than(253, text);
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_known) {
        let what = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        problems.push(regex(what, "[-._a-zA-Z0-9]+", &["key.name", "KEY_NAME", "key-name"]));
    }
    match text {
        "." => problems.push("must not be '.'".into()),
        ".." => problems.push("must not be '..'".into()),
        _ if text.starts_with("..") => problems.push("must not start with '..'".into()),
        _ => {}
    }
    problems
}

/// The name of an environment variable.
pub(super) fn variable(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.is_empty() {
        problems.push("environment variable name must be non-empty".into());
    }
    if text.chars().any(|c| !matches!(c, ' '..='~') || c == '=') {
        let what = "a valid environment variable name must consist only of printable ASCII \
                    characters other than '='";
        problems.push(what.into());
    }
    problems
}

pub(super) fn header(text: &str) -> Vec<String> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !text.is_empty() && text.bytes().all(is_known) {
        return Vec::new();
    }
    let what = "a valid HTTP header must consist of alphanumeric characters or '-'";
    vec![regex(what, "[-A-Za-z0-9]+", &["X-Header-Name"])]
}

pub(super) fn percentage(text: &str) -> Vec<String> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let what = "a valid percent string must be a numeric string followed by an ending '%'";
    vec![regex(what, "[0-9]+%", &["1%", "93%"])]
}

pub(super) fn condition_reason(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let is_right = bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last().is_some_and(is_word)
        && bytes.iter().all(|byte| is_word(byte) || b",:".contains(byte));
    if is_right {
        return Vec::new();
    }
    let what = "a condition reason must start with alphabetic character, optionally followed by a \
                string of alphanumeric characters or '_,:', and must end with an alphanumeric \
                character or '_'";
    let examples = ["my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"];
    vec![regex(what, "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?", &examples)]
}

/// Letters at both ends, and these or other bytes between them.
pub(super) fn is_edged(text: &str, is_edge: impl Fn(&u8) -> bool, others: &[u8]) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(&is_edge)
        && bytes.last().is_some_and(&is_edge)
        && bytes.iter().all(|byte| is_edge(byte) || others.contains(byte))
}

fn is_dns_label(text: &str) -> bool {
    is_edged(text, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(), b"-")
}

/// The name of a kernel parameter.
pub(super) fn is_sysctl(text: &str) -> bool {
    let is_edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 253 && text.split(['.', '/']).all(|part| is_edged(part, is_edge, b"-_"))
}

fn no_longer_than(most: usize, text: &str) -> Vec<String> {
    let problem = || format!("must be no more than {most} characters");
    (text.len() > most).then(problem).into_iter().collect()
}

fn regex(what: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{what} (e.g. {}regex used for validation is '{regex}')", examples.join(" or "))
}

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters \
    or '-', and must start and end with an alphanumeric character";
const LABEL_REGEX: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
    characters, '-' or '.', and must start and end with an alphanumeric character";
const SUBDOMAIN_REGEX: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const SEARCH: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
    characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const SEARCH_REGEX: &str = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid \
    DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end \
    with an alphanumeric character";
