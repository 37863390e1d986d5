//! How a promise is held against many cases, and each case against many phases.

use crate::bounds::case::{Case, Cast};

/// Runs cases of this cast, or the one of the environment's `SEED`.
pub(crate) fn each_case(who: Cast, check: impl Fn(&Case) -> Result<(), String>) {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let seeds: Vec<_> = match number("SEED") {
        Some(seed) => vec![seed],
        None => (0..number("SEEDS").unwrap_or(CASES)).chain(RARE).collect(),
    };
    for seed in seeds {
        let case = Case::draw(seed, who);
        check(&case).unwrap_or_else(|what| panic!("SEED={seed}: {what}\n{case:?}"));
    }
}

/// What is measured in a phase of a case, in nanoseconds.
pub(crate) type Measure = fn(&Case, u64) -> Result<u64, String>;

/// In no phase does it take longer than the bound.
pub(crate) fn is_never_exceeded(case: &Case, bound: u64, measure: Measure) -> Result<(), String> {
    (0..PHASES).try_for_each(|phase| measure_below(case, phase, bound, measure).map(|_| ()))
}

/// In no phase does it take longer than the bound, and in some nearly as long.
pub(crate) fn holds(case: &Case, bound: u64, measure: Measure) -> Result<(), String> {
    holds_tightly(case, bound, bound, measure)
}

/// The same, of a bound that is less than what is never exceeded.
pub(crate) fn holds_tightly(
    case: &Case,
    never: u64,
    bound: u64,
    measure: Measure,
) -> Result<(), String> {
    // A request, and the time from one read to the next.
    let slack = case.latency + case.period();
    let mut worst = 0;
    for phase in 0..MOST_PHASES {
        worst = worst.max(measure_below(case, phase, never, measure)?);
        if phase + 1 >= PHASES && worst + slack >= bound {
            return Ok(());
        }
    }
    Err(format!("at most {worst} ns, where the bound is {bound} ns"))
}

fn measure_below(case: &Case, phase: u64, bound: u64, measure: Measure) -> Result<u64, String> {
    match measure(case, phase) {
        Ok(measured) if measured > bound => {
            Err(format!("phase {phase}: {measured} ns, where the bound is {bound} ns"))
        }
        Ok(measured) => Ok(measured),
        Err(what) => Err(format!("phase {phase}: {what}")),
    }
}

const CASES: u64 = 200;
/// Cases in which a follower bids in vain at the worst moment.
const RARE: [u64; 2] = [1360, 1637];
pub(crate) const PHASES: u64 = 24;
/// Some worst cases are rare.
const MOST_PHASES: u64 = 20 * PHASES;
