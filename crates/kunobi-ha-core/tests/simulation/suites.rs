//! The runs: thousands of seeds without a fault of the elector, and each planted bug found.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::simulation::{
    bugs::{Bug, Plant},
    clock::SECOND,
    oracle::Promise,
    printer::Printer,
    profile::{News, Setting, Vandal},
    run::run,
    world::Stats,
};

/// Runs seeds on all processors; returns the smallest that fails.
fn run_all(seeds: u64, setting: Setting) -> Result<Vec<Stats>, String> {
    let next = AtomicU64::new(0);
    let failures = Mutex::new(Vec::new());
    let stats = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds || !failures.lock().unwrap().is_empty() {
                return;
            }
            match run(seed, setting, None, None) {
                Ok(run) => stats.lock().unwrap().push(run),
                Err(what) => failures.lock().unwrap().push((seed, what)),
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    match failures.into_iter().min() {
        Some((_, what)) => Err(what),
        None => Ok(stats.into_inner().unwrap()),
    }
}

fn check(name: &str, seeds: u64, setting: impl Into<Setting>) {
    let setting = setting.into();
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    if let Some(seed) = number("SEED") {
        run(seed, setting, None, Some(Box::new(Printer))).unwrap();
        return;
    }
    let seeds = number("SEEDS").unwrap_or(seeds);
    let stats = run_all(seeds, setting).unwrap_or_else(|what| panic!("{name}: {what}"));
    let sum = |count: fn(&Stats) -> u64| stats.iter().map(count).sum::<u64>();
    let slowest = stats.iter().map(|run| run.recovery).max();
    println!(
        "{name}: {seeds} seeds, {} steps ({} judged), {} terms, {} incidents, slowest recovery {} s",
        sum(|run| run.steps),
        sum(|run| run.judged),
        sum(|run| run.terms),
        sum(|run| run.incidents),
        slowest.unwrap_or(0) / SECOND,
    );
    println!(
        "    {} terms of the dead and {} of its own taken early, {} wishes, {} let somebody go first",
        sum(|run| run.died),
        sum(|run| run.retaken),
        sum(|run| run.wished),
        sum(|run| run.let_go_first),
    );
    let told = sum(|run| run.died) > seeds / 50 && sum(|run| run.wished) > seeds / 200;
    assert!(told || setting.news == News::None, "what is told has to count");
    assert!(sum(|run| run.terms) > seeds, "the runs have to see terms");
    // What comes after a breach of A1, such as a restored backup, is not judged.
    let share = if setting.vandal == Vandal::DoesAnything { 98 } else { 100 };
    assert!(sum(|run| run.judged) * 100 >= sum(|run| run.steps) * share, "steps have to be judged");
}

// rule 1: wall clocks may say anything
#[test]
fn no_two_believe_at_once_in_ten_thousand_seeds() {
    check("safety", 10_000, Vandal::None);
}

#[test]
fn one_deletion_is_harmless_when_creators_observe_a_grace() {
    check("one deletion", 5_000, Vandal::DeletesOnce);
}

#[test]
fn a_record_that_was_cleared_is_waited_out_by_all_that_read_its_holder() {
    check("cleared", 3_000, Vandal::Frees);
}

#[test]
fn deletions_edits_and_restores_never_stop_an_election() {
    check("vandal", 6_000, Vandal::DoesAnything);
}

// rule C4: news of deaths is true
#[test]
fn no_two_believe_at_once_where_deaths_are_told() {
    check("deaths", 3_000, Setting { vandal: Vandal::None, news: News::True });
}

// rule C7: a create grace stays whole
#[test]
fn one_deletion_is_harmless_where_deaths_are_told() {
    check(
        "deaths and a deletion",
        1_000,
        Setting { vandal: Vandal::DeletesOnce, news: News::True },
    );
}

// rule C7: what is not so lets nobody take a Lease earlier than what is
#[test]
fn rumours_and_edits_never_stop_an_election() {
    check("rumours", 1_000, Setting { vandal: Vandal::DoesAnything, news: News::False });
}

// rule C3: so what a driver takes for a death has to be one
#[test]
fn two_believe_at_once_where_the_living_are_called_dead() {
    let rumours = Setting { vandal: Vandal::None, news: News::False };
    is_found(Bug::RumoursTold, Promise::Overlap, rumours);
}

fn is_found(bug: Bug, found_by: Promise, setting: impl Into<Setting>) {
    let setting = setting.into();
    let plant = Some(Plant { bug, found_by });
    let found = (0..40_000).find_map(|seed| run(seed, setting, plant, None).err());
    let found = found.unwrap_or_else(|| panic!("{bug:?} was not found"));
    println!("{bug:?}: {found}");
}

macro_rules! planted_bugs {
    ($($name:ident: $bug:ident by $promise:ident in $vandal:ident,)*) => {
        $(
            #[test]
            fn $name() {
                is_found(Bug::$bug, Promise::$promise, Vandal::$vandal);
            }
        )*
    };
}

planted_bugs! {
    // rule 2: the deadline counts from the send
    validity_from_the_answer_is_found: ValidityFromTheAnswer by Overlap in None,
    validity_from_the_answer_is_found_to_be_unbacked:
        ValidityFromTheAnswer by Belief in DoesAnything,
    // rule 5: a follower waits long enough
    half_the_wait_is_found: HalfTheWait by Overlap in None,
    half_the_wait_is_found_beside_a_vandal: HalfTheWait by Overlap in DoesAnything,
    // rule 4: a record that changed ages from its first read on
    no_new_wait_on_a_changed_record_is_found: NoNewWaitOnAChangedRecord by Overlap in None,
    no_new_wait_on_a_changed_record_is_found_at_the_takeover:
        NoNewWaitOnAChangedRecord by Wait in DoesAnything,
    // rule 15: a read makes no belief
    belief_from_any_read_is_found: BeliefFromAnyRead by Overlap in None,
    // rule 16: readers see the end before any release is sent
    a_release_before_the_stop_is_found: ReleaseBeforeTheStop by Overlap in None,
    // rule 8: the same version renewed nothing
    a_no_op_renewal_that_counts_is_found: NoOpRenewalCounted by Overlap in None,
    // rule 9: a record with our name that we did not write is not ours
    a_foreign_record_taken_as_ours_is_found: ForeignRecordTakenAsOurs by Overlap in None,
    // rule 10: an answer counts for its own attempt only
    a_siblings_answer_that_counts_is_found: SiblingsAnswerCounted by Overlap in None,
    a_siblings_answer_that_counts_is_found_to_be_unbacked: SiblingsAnswerCounted by Belief in None,
    // rule 7: every write carries a version
    a_missing_guard_is_found: NoGuard by Overlap in None,
    // rule 3: the clock of readers counts suspend
    a_clock_that_stops_in_pauses_is_found: ClockStopsInPauses by Overlap in None,
    a_missing_grace_is_found: NoGrace by Grace in None,
    a_missing_grace_is_found_beside_a_deletion: NoGrace by Grace in DeletesOnce,
    a_missing_grace_is_found_by_what_it_leads_to: NoGrace by Overlap in DeletesOnce,
    an_unconfirmed_release_is_found: UnconfirmedRelease by Release in None,
    a_guessed_loss_is_found: GuessedLoss by Release in None,
    a_lease_that_is_held_longer_than_said_is_found: HeldTooShort by Release in None,
    an_end_that_was_overwritten_is_found: OverwrittenEnd by Order in None,
    an_end_that_was_overlooked_is_found: OverlookedEnd by Belief in DoesAnything,
    a_deadline_that_goes_back_is_found: ShortenedBelief by Backwards in None,
    // rule 13: versions do not go back
    events_that_are_made_new_are_found: EventsMadeNew by Backwards in None,
    impatience_is_found: Impatience by Rate in None,
    a_step_that_never_sleeps_is_found: NoSleep by Rate in None,
    a_cleared_record_that_is_taken_at_once_is_found:
        ClearedTakenForReleased by Overlap in Frees,
}

#[test]
fn a_no_op_renewal_that_is_answered_truly_is_not_counted() {
    let plant = Some(Plant { bug: Bug::NoOpRenewalSent, found_by: Promise::Overlap });
    for seed in 0..500 {
        run(seed, Vandal::None, plant, None).unwrap();
    }
}
