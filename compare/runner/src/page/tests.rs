use std::path::PathBuf;

use super::*;
use crate::{belief::Believers, cell::Outcome, peer, quiet::Cost};

fn columns() -> Vec<Column> {
    let peers = peer::all(&PathBuf::from("/nowhere"));
    let column = |peer| Column { peer, version: "1.2.3".into(), client: "kube 5.0.0".into() };
    peers.into_iter().map(column).collect()
}

fn page(part: &str) -> String {
    format!("# Title\n\n{BEGIN}\n{part}{END}\nmore\n")
}

fn run() -> Run {
    Run { said: vec!["Seed: 1".into()], results: results() }
}

fn results() -> Results {
    let mut results = Results::default();
    for (two, none) in [(0.0, 14.26), (7.04, 15.0), (0.0004, 16.0)] {
        let believers = Believers { two, none };
        results.add("kubert", Fault::CutOff, Ok(Outcome { believers, changes: 1 }));
    }
    results.add("client-go", Fault::Skew, Err("its clock can't be changed".into()));
    let cost = Cost { requests: 30.2, cpu: 12.0, memory: 9.6 };
    results.add_cost("kubert", [cost, Cost { requests: 0.0, ..cost }]);
    results
}

#[test]
fn each_figure_stands_in_its_row_and_its_column() {
    let text = whole(&columns(), &run(), &run());
    assert!(text.starts_with("- Seed: 1\n"), "{text}");
    assert_eq!(text.matches("- Seed: 1\n").count(), 1, "what both runs say stands there once");
    for line in [
        "| cut off | – | – | <0.001 / 7.0 | – | – | – | – |",
        "| cut off | – | – | 15 / 16 | – | – | – | – |",
        "| cut off | – | – | 1 / 1 | – | – | – | – |",
        "| two believers, leader cut off | – | – | 7.0 | – | – | – | – |",
        "| two believers, any of the faults | – | – | 7.0 | – | – | – | – |",
        "| requests per minute, leader + follower | – | – | 30 + 0 | – | – | – | – |",
        "| resident memory, MiB | – | – | 10 / 10 | – | – | – | – |",
        "- client-go, skewed clock: its clock can't be changed",
        "| cut off | – | – | 7.0 / 16 | – | – | – | – |",
    ] {
        assert!(text.lines().any(|has| has == line), "no {line:?} in\n{text}");
    }
}

#[test]
fn what_was_not_measured_is_not_printed() {
    let text = measured(&render(&columns()[2..3], &run()));
    assert!(text.starts_with("- Seed: 1\n"), "{text}");
    assert!(text.contains("| cut off | <0.001 / 7.0 |\n"), "{text}");
    assert!(text.contains("| resident memory, MiB | 10 / 10 |"), "{text}");
    assert!(!text.contains("| crash |") && !text.contains('–'), "{text}");
    assert!(text.contains("\nNot measured:\n\n- client-go"), "{text}");
    let mut results = Results::default();
    results.add("client-go", Fault::Skew, Err("its clock can't be changed".into()));
    let text = measured(&render(&columns(), &Run { said: Vec::new(), results }));
    assert_eq!(text.matches("###").count(), 1, "only the versions are known: {text}");
    assert!(
        text.ends_with(
            "\nNot measured:\n\n- client-go, skewed clock: its clock can't be changed\n"
        )
    );
}

#[test]
fn a_page_that_a_run_has_written_passes_the_check_whatever_the_figures() {
    let (columns, old) = (columns(), page("an earlier part\n"));
    let written = replace(&old, &whole(&columns, &run(), &run())).unwrap();
    assert!(written.starts_with("# Title\n") && written.ends_with("\nmore\n"));
    assert!(!written.contains("an earlier part"));
    check(&written, &columns).unwrap();
}

#[test]
fn the_check_notices_other_versions_columns_and_rows() {
    let columns = columns();
    let written = page(&whole(&columns, &run(), &run()));
    let mut newer = columns.clone();
    newer[2].version = "1.2.4".into();
    assert!(check(&written, &newer).unwrap_err().contains("1.2.4"));
    assert!(check(&written, &columns[1..]).is_err());
    assert!(check(&written.replace("| deletion |", "| removal |"), &columns).is_err());
    let lines = written.lines().filter(|line| !line.starts_with("| pause |"));
    assert!(check(&lines.collect::<Vec<_>>().join("\n"), &columns).is_err());
    assert!(
        check(&page(&render(&columns, &run())), &columns).is_err(),
        "the real server is missing"
    );
    assert!(check("no markers", &columns).unwrap_err().contains("measured: begin"));
}
