//! Prints the table of what happened.

use std::{sync::Once, time::Duration};

use crate::field::Field;

/// Prints what happened, and checks what must always hold.
pub(crate) fn report(field: &Field, disturbance: &str, happened: &str) {
    let overlaps = field.judge.overlaps();
    row(field, disturbance, happened);
    assert!(overlaps.is_empty(), "{overlaps:?} in {:#?}", field.judge.beliefs());
    assert!(field.tokens_grow(), "{:#?}", field.terms());
}

/// Prints what happened.
pub(crate) fn row(field: &Field, disturbance: &str, happened: &str) {
    static HEAD: Once = Once::new();
    HEAD.call_once(|| {
        println!(
            "\n| disturbance | what happened | longest without a leader | terms | smallest gap \
             | samples | overlaps |\n|---|---|---|---|---|---|---|"
        );
    });
    let overlaps = field.judge.overlaps();
    let longest = overlaps.iter().max().map(|longest| format!(", longest {}", seconds(*longest)));
    println!(
        "\n| {disturbance} | {happened} | {} | {} | {} | {} | {}{} |",
        seconds(field.judge.longest_silence(field.began)),
        field.terms().len(),
        field.judge.smallest_gap().map_or_else(String::new, seconds),
        field.judge.samples(),
        overlaps.len(),
        longest.unwrap_or_default(),
    );
}

pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
