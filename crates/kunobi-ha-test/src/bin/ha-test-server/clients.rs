//! Names of clients, which are their tokens as well.

use std::collections::BTreeSet;

/// Says why this can't be the name of a client.
pub(crate) fn check(name: &str) -> Result<(), String> {
    let is_sent = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'=');
    let why = if name.is_empty() {
        "a name is missing"
    } else if name.len() > LONGEST {
        "a name has at most 200 characters"
    } else if !name.bytes().all(is_sent) {
        "a name is sent as a token: it has letters of ASCII, digits and signs, but no space, comma or ="
    } else if name.starts_with("eyJ") && name.split('.').count() == 3 {
        "that looks like an issued token, which says itself who its owner is"
    } else {
        return Ok(());
    };
    Err(format!("{name:?} can't be a client: {why}"))
}

/// A name for a file of each client: no two are alike, even where case makes no difference, and none has a sign that
/// separates paths.
pub(crate) fn file_names(clients: &[String]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    for client in clients {
        let plain = |letter: char| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => letter,
            _ => '-',
        };
        let base: String = client.chars().map(plain).collect();
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            name = format!("{base}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_a_token_is_no_client() {
        for name in ["me", "system:serviceaccount:team:operator", "a@b.c", "ci/nightly+1", "eyJ"] {
            assert_eq!(check(name), Ok(()));
        }
        let long = "x".repeat(201);
        for name in ["", "a b", "é", "a\n", "a=b", "eyJh.b.c", &long] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn no_two_clients_have_the_same_file() {
        let names = |clients: &[&str]| {
            file_names(&clients.iter().map(|client| (*client).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(names(&["a:b", "a-b", "A-b"]), ["a-b", "a-b-2", "A-b-3"]);
        assert_eq!(names(&["a-b-2", "a-b", "a/b"]), ["a-b-2", "a-b", "a-b-3"]);
        assert_eq!(names(&["system:serviceaccount:ns:name"]), ["system-serviceaccount-ns-name"]);
        assert_eq!(names(&["../a"]), ["..-a"]);
    }
}
