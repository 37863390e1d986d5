//! Parses the text format as strictly as a scraper.

use std::collections::{BTreeMap, BTreeSet};

/// All samples of a scrape. The keys are names with labels, as they are written.
pub(crate) struct Scrape {
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Parses `OpenMetrics` text. Panics where a scraper would refuse it.
    pub(crate) fn parse(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").unwrap_or_else(|| panic!("no end: {text}"));
        let (mut families, mut samples) = (BTreeMap::new(), BTreeMap::new());
        let (mut family, mut helped) = (String::new(), BTreeSet::new());
        for line in body.lines() {
            let words: Vec<_> = line.splitn(4, ' ').collect();
            match words[..] {
                ["#", "HELP", name, help] => {
                    assert!(helped.insert(name.to_owned()), "two families: {line}");
                    assert!(!help.is_empty(), "{line}");
                }
                ["#", "TYPE", name, kind] => {
                    assert!(helped.contains(name), "no help before {line}");
                    assert!(["gauge", "counter", "histogram"].contains(&kind), "{line}");
                    families.insert(name.to_owned(), kind.to_owned());
                    name.clone_into(&mut family);
                }
                _ => {
                    let (key, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
                    check_sample(key, &family, &families[&family]);
                    let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
                    assert!(samples.insert(key.to_owned(), value).is_none(), "twice: {line}");
                }
            }
        }
        Self { samples }
    }

    pub(crate) fn get(&self, key: &str) -> Option<f64> {
        self.samples.get(key).copied()
    }

    /// Returns all samples of one metric.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        let samples = self.samples.iter().map(|(key, value)| (key.as_str(), *value));
        samples.filter(move |(key, _)| key.split('{').next() == Some(name))
    }
}

fn check_sample(key: &str, family: &str, kind: &str) {
    let (name, labels) = key.split_once('{').unwrap_or((key, "}"));
    let suffix = name.strip_prefix(family).unwrap_or_else(|| panic!("{key} is not of {family}"));
    let suffixes: &[&str] = match kind {
        "counter" => &["_total"],
        "histogram" => &["_bucket", "_count", "_sum"],
        _ => &[""],
    };
    assert!(suffixes.contains(&suffix), "{key} is no {kind}");
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    assert!(name.chars().all(fits), "{key}");
    let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("{key}"));
    let mut names = BTreeSet::new();
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (name, value) = label.split_once('=').unwrap_or_else(|| panic!("{key}"));
        assert!(name.chars().all(fits) && names.insert(name), "{key}");
        assert!(value.len() >= 2 && value.starts_with('"') && value.ends_with('"'), "{key}");
    }
    assert_eq!(names.contains("le"), suffix == "_bucket", "{key}");
}
