//! What somebody that is not an elector does to the Lease.

use kunobi_ha_core::{LeaseRecord, LeaseTime, Timestamp};

use crate::simulation::{incidents::Incident, profile::Vandal, rng::Rng, world::World};

impl World {
    pub(crate) fn vandalise(&mut self, incident: Incident) {
        match incident {
            Incident::Delete => self.server.delete(),
            Incident::Edit => {
                let rng = &mut self.rng;
                self.server.edit(|record| scribble(rng, record));
            }
            Incident::Free if self.all_remember() => {
                let (rng, all_know) = (&mut self.rng, self.profile.vandal == Vandal::Frees);
                self.server.edit(|record| clear(rng, record, all_know));
            }
            Incident::Replace => {
                let copy = self.server.stored().clone().filter(|_| self.rng.chance(500));
                let record = copy.map_or_else(|| stranger(&mut self.rng), |(_, record)| record);
                self.server.delete();
                self.server.replace(record);
            }
            Incident::Restore => {
                let age = usize::try_from(self.rng.between(1, 5)).unwrap();
                self.server.restore(age);
                self.ledger.restored = true;
            }
            Incident::Crash(_)
            | Incident::Restart(_)
            | Incident::Cut(_)
            | Incident::Pause(_)
            | Incident::Tell(..)
            | Incident::Relabel
            | Incident::Drift(_)
            | Incident::StepBack(_)
            | Incident::Rumour
            | Incident::Wish
            | Incident::Free => {}
        }
    }

    /// Clearing the record of a holder does no harm as long as every elector has read a holder.
    fn all_remember(&self) -> bool {
        let held = self.server.stored().as_ref().is_some_and(|(_, record)| !record.is_free());
        let mut electors = self.replicas.iter().filter_map(|replica| replica.elector.as_ref());
        self.profile.vandal != Vandal::Frees
            || (held && electors.all(|elector| elector.holder_seen_at().is_some()))
    }
}

/// Leaves a free record that no elector leaves when it releases; an elector that missed the last
/// term can tell so by the missing time only.
fn clear(rng: &mut Rng, record: &mut LeaseRecord, must_show: bool) {
    match rng.below(3) {
        0 => record.renew_time = LeaseTime::Absent,
        1 if record.transitions() > 0 && !must_show => record.transitions = Some(0),
        _ => *record = LeaseRecord::default(),
    }
    record.holder = None;
    if rng.chance(300) {
        record.duration_seconds = Some(A_DAY);
    }
}

fn scribble(rng: &mut Rng, record: &mut LeaseRecord) {
    let nonsense = rng.pick(&[None, Some(0), Some(-1), Some(1), Some(i64::MAX)]);
    match rng.below(8) {
        0 => {
            record.holder = Some("a hand".into());
            record.duration_seconds = record.duration_seconds.map(|seconds| seconds.min(20));
        }
        1 => record.holder = None,
        2 => record.duration_seconds = nonsense.map(|seconds| seconds.min(20)),
        3 => record.renew_time = LeaseTime::Text("yesterday".into()),
        4 => record.renew_time = earlier(rng, &record.renew_time),
        5 => record.transitions = nonsense,
        6 => record.acquire_time = earlier(rng, &record.acquire_time),
        _ => {
            record.holder = None;
            record.duration_seconds = Some(A_DAY);
        }
    }
}

fn earlier(rng: &mut Rng, time: &LeaseTime) -> LeaseTime {
    match time {
        LeaseTime::At(time) => {
            let micros = time.as_unix_micros().saturating_sub(rng.between(1, 20_000_000));
            LeaseTime::At(Timestamp::from_unix_micros(i64::try_from(micros).unwrap()))
        }
        LeaseTime::Absent | LeaseTime::Text(_) => LeaseTime::Absent,
    }
}

fn stranger(rng: &mut Rng) -> LeaseRecord {
    let held = rng.chance(600);
    LeaseRecord {
        holder: held.then(|| "a stranger".into()),
        duration_seconds: Some(3),
        transitions: rng.pick(&[None, Some(0), Some(7)]),
        ..LeaseRecord::default()
    }
}

const A_DAY: i64 = 86_400;
