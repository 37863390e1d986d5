//! The draws that spread the requests of many electors.

use core::time::Duration;

/// A sequence of random numbers that follows from its seed (`SplitMix64`).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Jitter {
    state: u64,
}

impl Jitter {
    pub(super) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Draws `duration` times a factor that is uniform in [0.8, 1].
    ///
    /// Rule 6: jitter only subtracts, so that "within the retry period" stays true.
    pub(super) fn draw(&mut self, duration: Duration) -> Duration {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let part = u32::try_from((z ^ (z >> 31)) % 2_001).unwrap_or(0);
        duration / 10_000 * (8_000 + part)
    }
}
