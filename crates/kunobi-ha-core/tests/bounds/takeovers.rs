//! What is measured: from something that happens to a leader, or to a create, to the next leader.

use kunobi_ha_core::Input;

use crate::bounds::{
    case::{Case, nanos},
    network::{Connection, Mishap, Wreck},
    world::World,
};

/// A run in which somebody leads, at any point of all periods.
pub(crate) fn settled(case: &Case, phase: u64) -> Result<World, String> {
    let mut world = World::new(case, phase);
    next_leader(&mut world)?;
    let (least, most) = (2 * case.period(), 4 * case.period() + case.lease());
    let time = world.rng.between(least, most);
    world.run_for(time);
    Ok(world)
}

/// Returns when the next term begins.
pub(crate) fn next_leader(world: &mut World) -> Result<u64, String> {
    let terms = world.begun.len();
    let limit = world.now + 3 * (world.case.lease() + 4 * world.case.period());
    if world.run_until(limit, |world| world.begun.len() > terms) {
        Ok(world.begun[terms])
    } else {
        Err("nobody leads".into())
    }
}

fn leader_of(world: &World) -> Result<usize, String> {
    world.leader().ok_or_else(|| "nobody leads any more".into())
}

/// When the last write of this replica was sent that was applied.
pub(crate) fn last_write(world: &World, by: usize) -> u64 {
    let write = world.writes.iter().rev().find(|write| write.by == by);
    write.expect("a leader has written").sent
}

/// From the last renewal of a leader that crashes.
pub(crate) fn crash(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = settled(case, phase)?;
    crash_now(&mut world)
}

/// The same, where the leader may have won its term a moment ago, from others that bid for it.
pub(crate) fn early_crash(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = settled(case, phase)?;
    crash_now(&mut world)?;
    let time = world.rng.between(0, 2 * case.period());
    world.run_for(time);
    crash_now(&mut world)
}

fn crash_now(world: &mut World) -> Result<u64, String> {
    let leader = leader_of(world)?;
    world.crash(leader);
    let next = next_leader(world)?;
    Ok(next - last_write(world, leader))
}

/// From the last renewal of a leader whose death is told to everybody at once.
pub(crate) fn death(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = settled(case, phase)?;
    world.run_for(case.lease());
    let leader = leader_of(&world)?;
    world.crash(leader);
    world.tell_death();
    let next = next_leader(&mut world)?;
    Ok(next - last_write(&world, leader))
}

/// From the end of an outage that has cost a leader its term.
pub(crate) fn outage(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = settled(case, phase)?;
    world.run_for(5 * case.lease());
    world.connect_all(Connection::Refused);
    let limit = world.now + nanos(case.bounds().belief);
    if !world.run_until(limit, |world| !world.lost.is_empty()) {
        return Err("a leader that is cut off leads on".into());
    }
    let time = world.rng.between(0, case.lease() * 9 / 10);
    world.run_for(time);
    world.connect_all(Connection::Good);
    let over = world.now;
    Ok(next_leader(&mut world)? - over)
}

/// From the call of a leader that steps down.
pub(crate) fn step_down(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = settled(case, phase)?;
    step_down_now(&mut world)
}

/// The same, where the leader may have won its term a moment ago.
pub(crate) fn early_step_down(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = settled(case, phase)?;
    crash_now(&mut world)?;
    let time = world.rng.between(0, 2 * case.period());
    world.run_for(time);
    step_down_now(&mut world)
}

fn step_down_now(world: &mut World) -> Result<u64, String> {
    let leader = leader_of(world)?;
    let called = world.now;
    world.tell(leader, Input::StepDown);
    Ok(next_leader(world)? - called)
}

/// From the first create of all, which is applied and never answered.
pub(crate) fn lost_create(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = World::new(case, phase);
    since_lost_create(&mut world)
}

/// The same, of a Lease that was deleted when its leader crashed.
pub(crate) fn lost_create_after_deletion(case: &Case, phase: u64) -> Result<u64, String> {
    let mut world = settled(case, phase)?;
    let leader = leader_of(&world)?;
    world.crash(leader);
    world.delete();
    since_lost_create(&mut world)
}

fn since_lost_create(world: &mut World) -> Result<u64, String> {
    world.mishap = Some(Mishap { kind: Wreck::AnswerIsLost, first_only: true });
    let writes = world.writes.len();
    let next = next_leader(world)?;
    Ok(next - world.writes[writes].sent)
}

/// From the end of the belief of a leader that is cut off to the write that takes its place.
pub(crate) fn cut_off(case: &Case, phase: u64) -> Result<CutOff, String> {
    let mut world = settled(case, phase)?;
    let leader = leader_of(&world)?;
    let under_way = world.rng.between(0, 3) > 0;
    world.replicas[leader].connection = Connection::Cut { under_way };
    let limit = world.now + case.lease();
    if !world.run_until(limit, |world| !world.lost.is_empty()) {
        return Err("a leader that is cut off leads on".into());
    }
    let (renewed, ended) = (world.replicas[leader].renewed, world.lost[0]);
    if world.begun.len() == 1 {
        next_leader(&mut world)?;
    }
    let last = world.writes.iter().rposition(|write| write.by == leader).expect("it has led");
    let taken_over = world.writes[last + 1].sent;
    Ok(CutOff { belief: ended - renewed, left: taken_over.saturating_sub(ended) })
}

/// What a leader has that is cut off.
pub(crate) struct CutOff {
    /// From the send of its last successful renewal to the end of its belief.
    pub(crate) belief: u64,
    /// From there to the write that takes its place.
    pub(crate) left: u64,
}
