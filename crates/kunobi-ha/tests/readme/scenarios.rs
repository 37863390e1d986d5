//! Each scenario of `proofs/scenarios.md` has tests, and they exist.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A row of one of the tables.
struct Row<'a> {
    number: &'a str,
    /// Name, what happens, and what is expected.
    words: [&'a str; 3],
    tests: Vec<&'a str>,
}

#[test]
fn each_scenario_has_tests_that_exist() {
    let faults = faults(&page(), &numbers());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_page_with_a_sound_row_has_no_faults() {
    assert_eq!(faults(&row("1", SOUND), &["1".into()]), [""; 0]);
}

#[test]
fn a_number_without_a_row_and_one_with_two_are_found() {
    let page = [row("1", SOUND), row("3", SOUND), row("3", SOUND), row("b9", SOUND)].concat();
    let numbers = ["1", "2", "3"].map(String::from);
    let expected = ["2 has 0 rows", "3 has 2 rows", "b9 is not the number of a scenario"];
    assert_eq!(faults(&page, &numbers), expected);
}

#[test]
fn a_defect_that_does_not_apply_needs_a_reason_instead_of_a_row() {
    let numbers = ["b1", "b2"].map(String::from);
    let page = "- b1: there is no such call\n- b2:\n";
    assert_eq!(faults(page, &numbers), ["b2 does not apply, without a reason"]);
}

#[test]
fn a_row_without_a_test_and_one_without_words_are_found() {
    let page = [row("1", ""), row("2", SOUND).replace("what happens", " ")].concat();
    let numbers = ["1", "2"].map(String::from);
    assert_eq!(faults(&page, &numbers), ["1 has no test", "2 has an empty cell"]);
}

#[test]
fn a_file_and_a_test_that_do_not_exist_are_found() {
    let cases = [
        ("S `core/tests/absent.rs::a`", "1: no file core/tests/absent.rs"),
        ("S `nowhere/tests/model.rs::a`", "1: no file nowhere/tests/model.rs"),
        (
            "S `core/tests/model.rs::a_test_that_is_not_there`",
            "1: no test a_test_that_is_not_there",
        ),
        // It is a function, and no test.
        ("M `core/tests/model.rs::search`", "1: no test search"),
        ("Z `core/tests/model.rs::a`", "1: Z `core/tests/model.rs::a` is not a layer and a test"),
        ("core/tests/model.rs", "1: core/tests/model.rs is not a layer and a test"),
        ("S `core/tests/model.rs`", "1: S `core/tests/model.rs` is not a layer and a test"),
    ];
    for (tests, expected) in cases {
        let faults = faults(&row("1", tests), &["1".into()]);
        assert!(matches!(&faults[..], [fault] if fault.starts_with(expected)), "{faults:?}");
    }
}

#[test]
fn a_row_with_a_cell_too_few_is_found() {
    let page = "| 1 | name | what happens | expected | S `core/tests/model.rs::a` |\n";
    assert_eq!(faults(page, &["1".into()]), ["1 has 5 cells, not 6", "1 has 0 rows"]);
}

/// Returns what is wrong with a page that has to have these numbers.
fn faults(page: &str, numbers: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for line in page.lines() {
        if let Some((number, reason)) = without_row(line) {
            *rows.entry(number).or_default() += 1;
            if reason.is_empty() {
                faults.push(format!("{number} does not apply, without a reason"));
            }
        }
        match read(line) {
            Some(Ok(row)) => {
                *rows.entry(row.number).or_default() += 1;
                faults.extend(faults_of(&row));
            }
            Some(Err(fault)) => faults.push(fault),
            None => {}
        }
    }
    for number in numbers {
        let count = rows.remove(number.as_str()).unwrap_or(0);
        if count != 1 {
            faults.push(format!("{number} has {count} rows"));
        }
    }
    faults.extend(rows.keys().map(|number| format!("{number} is not the number of a scenario")));
    faults
}

fn faults_of(row: &Row<'_>) -> Vec<String> {
    let number = row.number;
    let mut faults = Vec::new();
    if row.words.iter().any(|words| words.is_empty()) {
        faults.push(format!("{number} has an empty cell"));
    }
    if row.tests.is_empty() {
        faults.push(format!("{number} has no test"));
    }
    for test in &row.tests {
        let fault = match place(test) {
            None => Some(format!("{test} is not a layer and a test")),
            Some((file, name)) => match fs::read_to_string(path(file)) {
                Err(_) => Some(format!("no file {file}")),
                Ok(source) if !has_test(&source, name) => Some(format!("no test {name} in {file}")),
                Ok(_) => None,
            },
        };
        faults.extend(fault.map(|fault| format!("{number}: {fault}")));
    }
    faults
}

/// Reads a line as a row of a table of scenarios, if it is one.
fn read(line: &str) -> Option<Result<Row<'_>, String>> {
    let cells: Vec<_> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
    let cells: Vec<_> = cells.into_iter().map(str::trim).collect();
    let number = cells[0];
    if !number.ends_with(|end: char| end.is_ascii_digit()) {
        return None;
    }
    let [_, name, happens, expected, tests, _result] = cells[..] else {
        return Some(Err(format!("{number} has {} cells, not 6", cells.len())));
    };
    let tests = tests.split("<br>").map(str::trim).filter(|test| !test.is_empty()).collect();
    Some(Ok(Row { number, words: [name, happens, expected], tests }))
}

/// Reads a line of the list of defects that do not apply: `- b1: reason`.
fn without_row(line: &str) -> Option<(&str, &str)> {
    let (number, reason) = line.strip_prefix("- ")?.split_once(':')?;
    number.ends_with(|end: char| end.is_ascii_digit()).then_some((number, reason.trim()))
}

/// Returns the file and the function of a test that is written as "S `core/tests/model.rs::name`".
fn place(test: &str) -> Option<(&str, &str)> {
    let (layer, place) = test.split_once(' ')?;
    let (file, name) = place.strip_prefix('`')?.strip_suffix('`')?.split_once("::")?;
    (["S", "M", "C", "P", "I"].contains(&layer)).then_some((file, name))
}

fn path(file: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [
        ("core/", "crates/kunobi-ha-core"),
        ("ha/", "crates/kunobi-ha"),
        ("server/", "crates/kunobi-ha-test"),
        ("e2e/", "e2e"),
        ("search/", "proofs/search"),
        ("years/", "proofs/years"),
        ("threads/", "proofs/threads"),
    ];
    let found = folders
        .iter()
        .find_map(|(short, folder)| Some(root.join(folder).join(file.strip_prefix(short)?)));
    found.unwrap_or_default()
}

/// Tells whether a source has a function of this name with `#[test]` or `#[tokio::test]`.
fn has_test(source: &str, name: &str) -> bool {
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        let function = line.strip_prefix("pub ").unwrap_or(line);
        let function = function.strip_prefix("async ").unwrap_or(function).strip_prefix("fn ");
        if let Some(function) = function {
            if marked && function.split(['(', '<']).next() == Some(name) {
                return true;
            }
            marked = false;
        } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        }
    }
    false
}

/// The scenarios, the defects of Rust crates and those of client-go.
fn numbers() -> Vec<String> {
    let of = |letter: &str, count: u32| {
        (1..=count).map(move |number| format!("{letter}{number}")).collect::<Vec<_>>()
    };
    [of("", 65), of("b", 27), of("c", 10)].concat()
}

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proofs/scenarios.md");
    fs::read_to_string(page).expect("the page is in the repository")
}

fn row(number: &str, tests: &str) -> String {
    format!("| {number} | name | what happens | expected | {tests} | not run yet |\n")
}

const SOUND: &str =
    "M `core/tests/model.rs::no_interleaving_makes_two_leaders_and_each_can_become_one`";
