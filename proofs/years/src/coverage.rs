//! How often each fault struck in each phase.

use std::{collections::BTreeMap, fmt};

use crate::{fault::Fault, phase::Phase};

/// A matrix of faults and phases.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeMap<(Fault, Phase), u64>);

impl Coverage {
    pub(crate) fn hit(&mut self, fault: Fault, phase: Phase) {
        *self.0.entry((fault, phase)).or_default() += 1;
    }

    /// Adds what another run has struck.
    pub fn add(&mut self, other: &Self) {
        for (cell, hits) in &other.0 {
            *self.0.entry(*cell).or_default() += hits;
        }
    }

    /// Returns the cells that are possible and empty.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let cells = Fault::ALL.into_iter().flat_map(|f| Phase::ALL.map(|phase| (f, phase)));
        cells
            .filter(|(fault, phase)| {
                fault.impossible(*phase).is_none() && self.hits(*fault, *phase) == 0
            })
            .map(|(fault, phase)| format!("{} while {}", fault.name(), phase.name()))
            .collect()
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    fn hits(&self, fault: Fault, phase: Phase) -> u64 {
        self.0.get(&(fault, phase)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:18}", "fault")?;
        for phase in Phase::ALL {
            write!(f, "{:>13}", phase.name())?;
        }
        writeln!(f)?;
        let mut notes: Vec<&str> = Vec::new();
        for fault in Fault::ALL {
            write!(f, "{:18}", fault.name())?;
            for phase in Phase::ALL {
                match fault.impossible(phase) {
                    None => write!(f, "{:>13}", self.hits(fault, phase))?,
                    Some(why) => {
                        let known = notes.iter().position(|note| *note == why);
                        let number = known.unwrap_or(notes.len()) + 1;
                        if known.is_none() {
                            notes.push(why);
                        }
                        write!(f, "{:>13}", format!("- ({number})"))?;
                    }
                }
            }
            writeln!(f)?;
        }
        for (index, note) in notes.iter().enumerate() {
            writeln!(f, "({}) impossible: {note}", index + 1)?;
        }
        Ok(())
    }
}
