//! One run: a storm of faults, and the calm after it.

use crate::simulation::{
    bugs::Plant,
    clock::SECOND,
    incidents::Incident,
    listener::Listener,
    oracle::{Broken, Promise},
    profile::{Setting, Vandal},
    world::{Happening, Stats, World},
};

pub(crate) fn run(
    seed: u64,
    setting: impl Into<Setting>,
    plant: Option<Plant>,
    listener: Option<Box<dyn Listener>>,
) -> Result<Stats, String> {
    let setting = setting.into();
    let mut world = World::new(seed, setting, plant, listener);
    let explain = |world: &World, what: Broken| format!("seed {seed}, {} ns: {what}", world.now);
    if setting.vandal == Vandal::DeletesOnce {
        let at = world.rng.below(world.profile.stormy_for);
        world.schedule(at, Happening::Incident(Incident::Delete));
    }
    let calm_from = world.profile.stormy_for;
    world.run(calm_from, false).map_err(|what| explain(&world, what))?;
    world.now = calm_from;
    world.calm();
    let limit = world.profile.recovers_within();
    world.run(calm_from + limit, true).map_err(|what| explain(&world, what))?;
    if world.leader().is_none() && plant.is_none() {
        let what = format!("nobody led within {} s", limit / SECOND);
        return Err(explain(&world, Broken::new(Promise::Recovery, &what)));
    }
    world.stats.recovery = world.now - calm_from;
    if plant.is_none() && seed.is_multiple_of(4) {
        stays_calm(&mut world).map_err(|what| explain(&world, what))?;
    }
    Ok(world.stats)
}

/// A network that works loses nobody, once the last messages of the storm have died away.
fn stays_calm(world: &mut World) -> Result<(), Broken> {
    world.run(world.now + world.profile.recovers_within(), false)?;
    let lost = world.stats.lost;
    world.run(world.now + 2 * world.profile.recovers_within(), false)?;
    match (world.leader(), world.stats.lost - lost) {
        (Some(_), 0) => Ok(()),
        (Some(_) | None, lost) => {
            let what = format!("{lost} terms were lost in a calm");
            Err(Broken::new(Promise::Recovery, &what))
        }
    }
}
