use super::{
    endings,
    exploration::{Ending, Readiness},
    strategy::{Amount, Strategy},
};
use crate::rendering::file;

const fn percent(percent: i32) -> Amount {
    Amount::Percent(percent)
}

const fn count(count: i32) -> Amount {
    Amount::Count(count)
}

/// Replicas, maxUnavailable, maxSurge, and how a Deployment ends if only the leader is ready.
const ROWS: [(i32, Amount, Amount, &str); 12] = [
    (1, percent(25), percent(25), "stuck: 1 old, 1 new, Available=True"),
    (1, count(1), count(0), "rolls"),
    (2, percent(25), percent(25), "stuck: 2 old, 1 new, Available=False"),
    (2, count(1), count(0), "stuck: 1 old, 1 new, Available=True"),
    (2, count(1), count(1), "stuck: 1 old, 2 new, Available=True"),
    (2, count(2), count(0), "rolls, never complete: 1 of 2 available"),
    (3, percent(25), percent(25), "stuck: 3 old, 1 new, Available=False"),
    (3, count(2), count(0), "stuck: 1 old, 2 new, Available=True"),
    (3, count(2), count(1), "stuck: 1 old, 3 new, Available=True"),
    (3, count(3), count(0), "rolls, never complete: 1 of 3 available"),
    (5, count(4), count(0), "stuck: 1 old, 4 new, Available=True"),
    (5, count(0), count(1), "stuck: 5 old, 1 new, Available=False"),
];

fn described(ending: &Ending, replicas: i32) -> String {
    let Ending { old, new, available, .. } = ending;
    match (ending.rolled, ending.complete) {
        (true, true) => "rolls".into(),
        (true, false) => format!("rolls, never complete: {available} of {replicas} available"),
        (false, _) => {
            let enough = if ending.enough_available { "True" } else { "False" };
            format!("stuck: {old} old, {new} new, Available={enough}")
        }
    }
}

fn written(amount: Amount) -> String {
    match amount {
        Amount::Count(count) => count.to_string(),
        Amount::Percent(percent) => format!("{percent}%"),
    }
}

#[test]
fn each_row_of_the_table_is_what_happens_in_every_order() {
    for (replicas, max_unavailable, max_surge, expected) in ROWS {
        let strategy = Strategy::RollingUpdate { max_unavailable, max_surge };
        for ending in endings(strategy, replicas, Readiness::LeaderOnly) {
            assert_eq!(described(&ending, replicas), expected, "{replicas} {strategy:?}");
        }
        for ending in endings(strategy, replicas, Readiness::Standbys) {
            assert_eq!(described(&ending, replicas), "rolls", "{replicas} {strategy:?}");
        }
    }
}

#[test]
fn the_table_in_the_readme_is_this_one() {
    let readme = file("README.md");
    let rows = ROWS.map(|(replicas, unavailable, surge, ending)| {
        let [unavailable, surge] = [unavailable, surge].map(written);
        format!("| {replicas} | {unavailable} / {surge} | {ending} | rolls |\n")
    });
    assert!(readme.contains(&rows.concat()), "{}", rows.concat());
}
