//! Other names for the numbers in a world.

use kunobi_ha_core::{Timestamp, model::Rename};

use super::{LIFE, World};

/// Every number that occurs.
#[derive(Debug, Default)]
pub(super) struct Collected {
    versions: Vec<u64>,
    acquired: Vec<u64>,
    renewed: Vec<u64>,
    transitions: Vec<i64>,
    /// The processes that are gone, in the order in which they are met.
    dead: Vec<u64>,
    attempts: Vec<u64>,
    replicas: u64,
    /// Whether terms that are only remembered are met, too.
    remembers: bool,
}

/// Gives each number its rank.
#[derive(Debug)]
pub(super) struct Ranks {
    all: Collected,
    /// Names of transitions, where deletions make their distance count.
    distances: Option<Vec<i64>>,
}

/// The process of a replica has ended: what it wrote is that of a process which is gone.
#[derive(Debug)]
pub(super) struct Bury {
    from: u64,
    to: u64,
}

impl Collected {
    pub(super) fn new(replicas: usize) -> Self {
        Self { replicas: u64::try_from(replicas).unwrap_or(u64::MAX), ..Self::default() }
    }

    pub(super) fn ranks(mut self, deletions: bool) -> Ranks {
        for numbers in [&mut self.versions, &mut self.acquired, &mut self.renewed] {
            numbers.sort_unstable();
            numbers.dedup();
        }
        if deletions {
            self.transitions.push(0);
        }
        self.transitions.sort_unstable();
        self.transitions.dedup();
        let distances = deletions.then(|| self.distances());
        Ranks { all: self, distances }
    }

    /// Distances of more than three count as three.
    fn distances(&self) -> Vec<i64> {
        let mut names = vec![0];
        for pair in self.transitions.windows(2) {
            names.push(names[names.len() - 1] + (pair[1] - pair[0]).min(3));
        }
        names
    }

    /// Returns how many draws of an acquireTime of this process are remembered.
    pub(super) fn draws_of(&self, who: usize) -> u32 {
        let life = u64::try_from(who).unwrap_or(u64::MAX) + 1;
        let count = self.acquired.iter().filter(|time| **time / LIFE == life).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Returns the terms of this process that occur.
    pub(super) fn terms_of(mut self, who: usize) -> Vec<Timestamp> {
        let life = u64::try_from(who).unwrap_or(u64::MAX) + 1;
        self.acquired.retain(|time| time / LIFE == life);
        self.acquired.sort_unstable();
        self.acquired.dedup();
        self.acquired.into_iter().map(stamp).collect()
    }

    /// Tells whether this term occurs.
    pub(super) fn knows(&self, time: Timestamp) -> bool {
        self.acquired.contains(&time.as_unix_micros())
    }

    fn meet(&mut self, time: u64) {
        let life = time / LIFE;
        if life > self.replicas && !self.dead.contains(&life) {
            self.dead.push(life);
        }
    }
}

impl Rename for Collected {
    fn version(&mut self, version: &mut u64) {
        if *version > 0 {
            self.versions.push(*version);
        }
    }

    fn mark(&mut self, _: &mut u64) {}

    fn acquire_time(&mut self, time: &mut Timestamp) {
        let time = time.as_unix_micros();
        self.meet(time);
        if !time.is_multiple_of(LIFE) {
            self.acquired.push(time);
        }
    }

    fn remembered(&mut self, time: &mut Timestamp) -> bool {
        if self.remembers {
            self.meet(time.as_unix_micros());
        }
        true
    }

    fn renew_time(&mut self, time: &mut Timestamp) {
        self.meet(time.as_unix_micros());
        self.renewed.push(time.as_unix_micros());
    }

    fn last_renew_time(&mut self, _: &mut Timestamp) {}

    fn transitions(&mut self, transitions: &mut i64) {
        self.transitions.push(*transitions);
    }

    fn attempt(&mut self, _: &mut u64) {}
}

impl Ranks {
    /// The attempts that count are those of one elector.
    pub(super) fn of_attempts(&mut self, ids: impl Iterator<Item = u64>) {
        self.all.attempts = ids.collect();
        self.all.attempts.sort_unstable();
    }

    pub(super) fn draws_of(&self, who: usize) -> u32 {
        self.all.draws_of(who)
    }

    pub(super) fn versions(&self) -> u64 {
        rank_of(&self.all.versions, u64::MAX)
    }

    /// Returns the life of a process, named.
    fn life(&self, time: u64) -> u64 {
        let life = time / LIFE;
        let dead = self.all.dead.iter().position(|other| *other == life);
        dead.map_or(life, |at| self.all.replicas + 1 + u64::try_from(at).unwrap_or(0))
    }

    /// Returns the rank of a time among those of its process.
    fn within_life(times: &[u64], time: u64) -> u64 {
        let begin = times.partition_point(|other| *other < time / LIFE * LIFE);
        u64::try_from(times.partition_point(|other| *other < time) - begin).unwrap_or(0)
    }
}

impl Rename for Ranks {
    fn version(&mut self, version: &mut u64) {
        *version = rank_of(&self.all.versions, *version);
    }

    fn mark(&mut self, version: &mut u64) {
        *version = rank_of(&self.all.versions, *version);
    }

    fn acquire_time(&mut self, time: &mut Timestamp) {
        let micros = time.as_unix_micros();
        let rank = if micros.is_multiple_of(LIFE) {
            0
        } else {
            1 + Self::within_life(&self.all.acquired, micros)
        };
        *time = stamp(self.life(micros) * LIFE + rank);
    }

    fn remembered(&mut self, time: &mut Timestamp) -> bool {
        let known = self.all.acquired.binary_search(&time.as_unix_micros()).is_ok();
        if known {
            self.acquire_time(time);
        }
        known
    }

    fn renew_time(&mut self, time: &mut Timestamp) {
        let micros = time.as_unix_micros();
        *time = stamp(self.life(micros) * LIFE + Self::within_life(&self.all.renewed, micros));
    }

    fn last_renew_time(&mut self, time: &mut Timestamp) {
        let micros = time.as_unix_micros();
        let known = self.all.renewed.partition_point(|other| *other <= micros);
        let last = known.checked_sub(1).map(|at| self.all.renewed[at]);
        match last.filter(|last| last / LIFE == micros / LIFE) {
            Some(last) => {
                *time = stamp(last);
                self.renew_time(time);
            }
            None => *time = stamp(0),
        }
    }

    fn transitions(&mut self, transitions: &mut i64) {
        let at = self.all.transitions.partition_point(|other| other < transitions);
        *transitions = match &self.distances {
            Some(names) => names[at],
            None => i64::try_from(at).unwrap_or(i64::MAX),
        };
    }

    fn attempt(&mut self, id: &mut u64) {
        if *id > 0 {
            let smaller = self.all.attempts.partition_point(|other| other < id);
            *id = 1 + u64::try_from(smaller).unwrap_or(0);
        }
    }
}

impl Bury {
    pub(super) fn new(who: usize, world: &mut World) -> Self {
        let mut met = Collected { remembers: true, ..Collected::new(world.replicas.len()) };
        world.rename(&mut met);
        let last = met.dead.iter().max().copied().unwrap_or(met.replicas);
        Self { from: u64::try_from(who).unwrap_or(0) + 1, to: last + 1 }
    }

    fn bury(&self, time: &mut Timestamp) {
        let micros = time.as_unix_micros();
        if micros / LIFE == self.from {
            *time = stamp(self.to * LIFE + micros % LIFE);
        }
    }
}

impl Rename for Bury {
    fn version(&mut self, _: &mut u64) {}
    fn mark(&mut self, _: &mut u64) {}
    fn acquire_time(&mut self, time: &mut Timestamp) {
        self.bury(time);
    }
    fn remembered(&mut self, time: &mut Timestamp) -> bool {
        self.bury(time);
        true
    }
    fn renew_time(&mut self, time: &mut Timestamp) {
        self.bury(time);
    }
    fn last_renew_time(&mut self, _: &mut Timestamp) {}
    fn transitions(&mut self, _: &mut i64) {}
    fn attempt(&mut self, _: &mut u64) {}
}

/// Returns how many are not larger.
fn rank_of(sorted: &[u64], number: u64) -> u64 {
    u64::try_from(sorted.partition_point(|other| *other <= number)).unwrap_or(0)
}

fn stamp(micros: u64) -> Timestamp {
    Timestamp::from_unix_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
