//! What several repetitions come to.

/// The figures of all repetitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample(Vec<f64>);

impl Sample {
    /// Adds a repetition.
    pub fn add(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_unstable_by(f64::total_cmp);
    }

    /// The one in the middle; of an even number, the larger one.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.0.get(self.0.len() / 2).copied()
    }

    /// The largest one.
    #[must_use]
    pub fn worst(&self) -> Option<f64> {
        self.0.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_never_better_than_the_true_one() {
        let mut sample = Sample::default();
        assert_eq!((sample.median(), sample.worst()), (None, None));
        for value in [3.0, 1.0] {
            sample.add(value);
        }
        assert_eq!((sample.median(), sample.worst()), (Some(3.0), Some(3.0)));
        sample.add(2.0);
        assert_eq!((sample.median(), sample.worst()), (Some(2.0), Some(3.0)));
    }
}
