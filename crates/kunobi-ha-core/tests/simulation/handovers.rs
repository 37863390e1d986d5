//! Who is to lead next: wishes, and the successors that releases name.

use kunobi_ha_core::{Input, Notice, Takeover};

use crate::simulation::{clock::SECOND, profile::News, server::Driver, world::World};

impl World {
    /// Returns the name of a replica, or one that nobody has, or none.
    pub(crate) fn somebody(&mut self) -> Option<Box<str>> {
        let replicas = self.replicas.len() as u64;
        match usize::try_from(self.rng.below(replicas + 2)).unwrap() {
            0 => None,
            1 => Some("nobody".into()),
            who => Some(self.replicas[who - 2].identity.as_str().into()),
        }
    }

    /// What this replica's next write makes of annotations.
    pub(crate) fn driver_of(&mut self, replica: usize) -> Driver {
        if self.profile.news == News::None {
            return Driver::default();
        }
        let wished = self.replicas[replica].successor.clone();
        let names = if wished.is_some() || self.rng.chance(500) { wished } else { self.somebody() };
        Driver { keeps: self.rng.chance(200), names, is_stale: self.rng.chance(100) }
    }

    /// Counts what is told, and does what is wished.
    pub(crate) fn told(&mut self, index: usize, notices: &[Notice]) {
        for notice in notices {
            match notice {
                Notice::TermBegan { how: Takeover::Died } => self.stats.died += 1,
                Notice::TermBegan { how: Takeover::Retaken } => self.stats.retaken += 1,
                Notice::SuccessorAbsent { .. } => self.stats.let_go_first += 1,
                Notice::Wished { successor } => {
                    self.stats.wished += 1;
                    self.replicas[index].successor = Some(successor.clone());
                    let delay = self.rng.below(SECOND);
                    self.tell_later(index, delay, Input::StepDown);
                }
                _ => {}
            }
        }
    }
}
