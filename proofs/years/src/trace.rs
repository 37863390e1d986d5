//! A run as one number: equal seeds have equal ones.

use std::time::Duration;

/// Collects what happened.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    events: u64,
    printed: bool,
}

impl Trace {
    pub(crate) const fn new(printed: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, events: 0, printed }
    }

    /// Notes what happened, to whom, and two numbers that belong to it.
    pub(crate) fn note(&mut self, at: Duration, what: &str, who: usize, a: u64, b: u64) {
        let at = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
        self.mix(&at.to_le_bytes());
        self.mix(what.as_bytes());
        self.mix(&(who as u64).to_le_bytes());
        self.mix(&a.to_le_bytes());
        self.mix(&b.to_le_bytes());
        self.events += 1;
        if self.printed {
            let seconds = Duration::from_nanos(at).as_secs_f64();
            println!("{seconds:12.6}  replica {who}  {what}  {a} {b}");
        }
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) const fn events(&self) -> u64 {
        self.events
    }

    /// FNV-1a.
    fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
