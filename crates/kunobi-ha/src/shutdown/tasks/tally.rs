//! Names with their numbers.

use std::{collections::BTreeMap, fmt, sync::Arc};

/// Names with their numbers, written as `reconcile (3), webhook`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<Arc<str>, usize>);

impl Tally {
    pub(crate) fn of(names: &[Arc<str>]) -> Self {
        names.iter().cloned().collect()
    }

    /// Counts one more, in bounded space: names that do not fit in are one.
    pub(crate) fn note(&mut self, name: Arc<str>) {
        let fits = self.0.len() < NAMES || self.0.contains_key(&name);
        self.add(if fits { name } else { OTHERS.into() }, 1);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds all of another.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            self.add(Arc::clone(name), *count);
        }
    }

    fn add(&mut self, name: Arc<str>, count: usize) {
        *self.0.entry(name).or_default() += count;
    }
}

impl FromIterator<Arc<str>> for Tally {
    fn from_iter<I: IntoIterator<Item = Arc<str>>>(names: I) -> Self {
        let mut tally = Self::default();
        names.into_iter().for_each(|name| tally.add(name, 1));
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, count)) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            f.write_str(name)?;
            if *count > 1 {
                write!(f, " ({count})")?;
            }
        }
        Ok(())
    }
}

/// How many names a bounded tally has, without [`OTHERS`].
const NAMES: usize = 64;
const OTHERS: &str = "others";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_counted() {
        assert_eq!(Tally::of(&["b", "a", "b"].map(Arc::from)).to_string(), "a, b (2)");
        assert_eq!(Tally::default().to_string(), "");
    }

    #[test]
    fn what_is_noted_takes_bounded_space() {
        let mut tally = Tally::default();
        for number in 0..1_000 {
            tally.note(format!("object {number}").into());
            tally.note("object 1".into());
        }
        assert_eq!(tally.0.len(), NAMES + 1);
        assert_eq!(tally.0["object 1"], 1_001);
        assert_eq!(tally.0[OTHERS], 1_000 - NAMES);
    }
}
