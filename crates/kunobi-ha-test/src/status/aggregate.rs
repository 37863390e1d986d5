//! Several failures as one.

use std::collections::BTreeSet;

/// Several failures as one text, each once, as Go's aggregates write it.
pub(crate) fn aggregate(texts: &[String]) -> String {
    let mut seen = BTreeSet::new();
    let texts: Vec<&str> =
        texts.iter().map(String::as_str).filter(|text| seen.insert(*text)).collect();
    if let [only] = texts.as_slice() {
        (*only).to_owned()
    } else {
        format!("[{}]", texts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_once() {
        for (texts, expected) in
            [(vec!["a"], "a"), (vec!["a", "a"], "a"), (vec!["b", "a", "b"], "[b, a]")]
        {
            let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
            assert_eq!(aggregate(&texts), expected);
        }
    }
}
