//! The processes of a contest, by what they printed.

use std::collections::BTreeMap;

use e2e::{
    candidate::{Line, Maker},
    clock::boottime,
    history::{Belief, Witness},
};

use crate::world::World;

/// One process: a pod has another one after each restart.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) pod: String,
    pub(crate) process: u64,
    pub(crate) began: u64,
    pub(crate) witness: Witness,
}

/// When processes were made to die.
pub(crate) type Deaths = BTreeMap<u64, u64>;

/// Returns the lives of a pod, the last of which may go on.
pub(crate) fn of_pod(world: &World, pod: &str, maker: Maker, deaths: &Deaths) -> Vec<Life> {
    let mut lives: Vec<Life> = Vec::new();
    for text in world.logs(pod) {
        let Ok(line) = serde_json::from_str::<Line>(&text) else { continue };
        if line.event == "candidate" {
            let process = line.fields["pid"].as_u64().unwrap_or(0);
            let replica = line.fields["identity"].as_str().unwrap_or(pod).into();
            let died = deaths.get(&process).copied();
            let witness = Witness {
                replica,
                maker,
                lines: Vec::new(),
                pauses: Vec::new(),
                died,
                end: died.unwrap_or_else(boottime),
            };
            lives.push(Life { pod: pod.into(), process, began: line.at, witness });
        } else if let Some(life) = lives.last_mut() {
            life.witness.lines.push(line);
        }
    }
    lives
}

impl Life {
    /// Returns the belief that goes on, if there is one.
    pub(crate) fn belief(&self) -> Option<Belief> {
        let last = self.witness.beliefs().pop()?;
        (self.witness.died.is_none() && last.until > boottime() - RECENT).then_some(last)
    }
}

/// The belief of a client-go candidate lasts until the instant at which it was asked for.
const RECENT: u64 = 100_000_000;
