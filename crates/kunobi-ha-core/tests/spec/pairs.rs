//! Random states and steps. About half of the guards hold, for each row.

mod dice;

use std::{collections::BTreeMap, fmt::Write};

use self::dice::Dice;
use super::{
    json,
    rows::{Clause, Row},
    state::{LEADING, State},
    table::Take,
};

/// A state, a step, and what the table makes of them.
struct Pair {
    before: State,
    take: Take,
    row: Row,
}

#[test]
fn each_row_can_be_taken_and_can_be_refused() {
    let mut counts = BTreeMap::<_, [u32; 2]>::new();
    for Pair { row, .. } in pairs(1, 20_000) {
        counts.entry(row.name).or_default()[usize::from(row.broken().is_none())] += 1;
    }
    assert_eq!(counts.len(), usize::try_from(ROWS).unwrap());
    for (name, [refused, taken]) in counts {
        println!("{name}: {refused} refused, {taken} taken");
        assert!(taken > 200, "{name} is hardly ever taken");
        // A read that was sent late can always show that the server has gone back.
        assert!(refused > 100 || name == "forget", "{name} is hardly ever refused");
    }
}

// rule 2: nothing but a success makes belief or makes it longer
// rule 15: a read alone is not a success
#[test]
fn only_a_success_makes_or_prolongs_belief() {
    for Pair { before, take, row } in pairs(2, 20_000) {
        let after = row.after.clone();
        if row.broken().is_some() || !after.believes() {
            continue;
        }
        let sent = match take {
            Take::Won { k, .. } => Some(before.slots[k].sent + before.deadline),
            Take::Renewed { k, .. } => {
                Some((before.slots[k].sent + before.deadline).max(before.until))
            }
            _ => None,
        };
        let kept = before.mode == LEADING && after.until == before.until;
        assert!(kept || sent == Some(after.until), "{take:?} from {before:?} to {after:?}");
    }
}

#[test]
fn each_clause_of_a_guard_names_a_rule() {
    for Pair { row, .. } in pairs(4, 1_000) {
        for Clause(rule, _, what) in row.guard {
            let number = rule.trim_start_matches(['C', 'O']).parse::<u8>();
            assert!(number.is_ok_and(|n| (1..=16).contains(&n)), "{}: {rule}", row.name);
            assert!(!what.is_empty(), "{}", row.name);
        }
    }
}

// rule 2: the attempts of a phase end with it
#[test]
fn what_ends_a_phase_leaves_nothing_that_could_count() {
    for Pair { take, row, .. } in pairs(3, 20_000) {
        if take.ends_a_phase() && row.broken().is_none() {
            assert!(row.after.slots.iter().all(|slot| !slot.is_live()), "{take:?}");
            assert!(!row.after.holds() && row.after.term == 0, "{take:?}");
        }
    }
}

#[test]
fn pairs_are_written_where_they_are_asked_for() {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let (count, seed) = (number("PAIRS").unwrap_or(100), number("SEED").unwrap_or(1));
    let mut text = String::new();
    for Pair { before, take, row } in pairs(seed, count) {
        writeln!(text, "{}", json::line(&before, take, &row)).unwrap();
    }
    assert_eq!(text.lines().count(), usize::try_from(count).unwrap());
    if let Ok(path) = std::env::var("PAIRS_OUT") {
        std::fs::write(&path, text).unwrap();
        println!("seed {seed}: {count} pairs in {path}");
    }
}

fn pairs(seed: u64, count: u64) -> impl Iterator<Item = Pair> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..count).map(move |n| {
        let k = dice.below(2);
        let mut before = dice.state();
        let take = dice.take(n % ROWS, usize::try_from(k).unwrap(), &before);
        if dice.chance(6) {
            dice.suit(&mut before, take);
        }
        let row = take.at(&before);
        Pair { before, take, row }
    })
}

const ROWS: u64 = 25;
