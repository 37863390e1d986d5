use super::{Column, Known, Passes, Side, Suite};

#[test]
fn a_step_that_passes_there_and_not_here_is_a_fault() {
    let suite = suite(&[], [Err("no"), Ok(())]);
    assert_eq!(suite.faults(), ["s: fails on ours, in process: no"]);
    assert!(suite.table().contains("0 of the 1 that pass on kube-apiserver"), "{}", suite.table());
}

#[test]
fn a_known_difference_is_none() {
    assert!(suite(KNOWN, [Err("no"), Ok(())]).faults().is_empty());
}

#[test]
fn a_known_difference_that_is_none_is_a_fault() {
    let faults = suite(KNOWN, [Ok(()), Ok(())]).faults();
    assert_eq!(faults, ["s: passes on ours, in process: no such difference"]);
    let faults = suite(KNOWN, [Err("no"), Err("neither")]).faults();
    assert_eq!(faults, ["s: fails on kube-apiserver: neither"]);
}

#[test]
fn a_known_difference_of_no_step_is_a_fault() {
    const OTHER: &[Known] = &[Known { step: "other", passes: Passes::Nowhere, reason: "r" }];
    assert_eq!(suite(OTHER, [Ok(()), Ok(())]).faults(), ["other: known, but no step"]);
}

#[test]
fn a_step_runs_once_on_each_side() {
    let mut suite = suite(&[], [Ok(()), Ok(())]);
    suite.columns[0].add("s", Ok(()));
    suite.columns[1].add("t", Ok(()));
    let faults = ["s: ran twice on ours, in process", "t: did not run on ours, in process"];
    assert_eq!(suite.faults(), faults);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_panics_or_hangs_fails() {
    let mut column = Column::new(Side::Service);
    column.step("panics", async { panic!("five") }).await;
    column.step("hangs", std::future::pending()).await;
    column.step("passes", async { Ok(()) }).await;
    let failures: Vec<_> = column.steps.iter().map(|step| step.failure.as_deref()).collect();
    assert_eq!(failures, [Some("panics: five"), Some("does not end within 30s"), None]);
}

#[test]
fn a_program_prints_its_steps() {
    let column =
        Column::read(Side::Port, "{\"step\": \"a\"}\n{\"step\": \"b\", \"failure\": \"f\"}");
    let column = column.expect("both lines are steps");
    assert_eq!((column.outcomes("a"), column.outcomes("b")), (vec![Ok(())], vec![Err("f")]));
    assert!(Column::read(Side::Port, "panic: nil").is_err());
}

const KNOWN: &[Known] = &[Known { step: "s", passes: Passes::OnlyThere, reason: "r" }];

/// A suite with one step, and how it ended here and there.
fn suite(known: &'static [Known], outcomes: [Result<(), &str>; 2]) -> Suite {
    let mut suite = Suite::new("example", known);
    for (side, outcome) in [Side::Service, Side::Real].into_iter().zip(outcomes) {
        let mut column = Column::new(side);
        column.add("s", outcome.map_err(Into::into));
        suite.add(column);
    }
    suite
}
