//! Runs a plan on a runtime of its own, whose clock is paused.

use std::sync::Arc;

use tokio::runtime::Builder;

use crate::{
    fleet::Fleet,
    outcome::Outcome,
    plan::Plan,
    promise::{Planted, Promise},
    world::World,
};

/// Whether equal seeds give equal runs. Tokio draws random numbers of its own, for example for the
/// order in which it wakes the receivers of a `watch` channel. Only with this flag does it take a seed.
pub const REPEATABLE: bool = cfg!(tokio_unstable);

/// How a plan is run.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// A bug that is planted, and the promise that it is to be found by.
    pub planted: Option<(Planted, Promise)>,
    /// Whether all that happens is printed.
    pub printed: bool,
}

impl Options {
    /// Plants a bug, and watches one promise only.
    #[must_use]
    pub const fn plant(bug: Planted, promise: Promise) -> Self {
        Self { planted: Some((bug, promise)), printed: false }
    }

    /// Prints all that happens.
    #[must_use]
    pub const fn printed() -> Self {
        Self { planted: None, printed: true }
    }
}

/// Runs a plan.
///
/// # Panics
///
/// If the system gives no runtime.
#[must_use]
pub fn simulate(plan: &Plan, options: Options) -> Outcome {
    // Jitter and digits that the library draws by itself come from here.
    fastrand::seed(plan.seed);
    let mut builder = Builder::new_current_thread();
    #[cfg(tokio_unstable)]
    builder.rng_seed(tokio::runtime::RngSeed::from_bytes(&plan.seed.to_le_bytes()));
    let runtime = builder.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without I/O needs nothing of the system");
    let outcome = runtime.block_on(async {
        let world = Arc::new(World::new(plan.clone(), options.planted, options.printed));
        Fleet::new(world).run().await
    });
    drop(runtime);
    outcome
}
