//! Checks that the guide is up to date: its diffs lead from one program to the next, and the last
//! program works.

// A program of its own depends on k8s-openapi under its own name.
extern crate k8s_openapi_0_29 as k8s_openapi;

/// The program of the last step, whose tests run here as they would in its own crate.
#[expect(
    clippy::needless_pass_by_value,
    dead_code,
    reason = "it is written as a program, whose main nothing calls here"
)]
mod program {
    include!("../examples/guide/6_test.rs");
}

const GUIDE: &str = include_str!("../../../docs/guide.md");
const STEPS: [&str; 6] = [
    include_str!("../examples/guide/1_single_replica.rs"),
    include_str!("../examples/guide/2_shutdown.rs"),
    include_str!("../examples/guide/3_election.rs"),
    include_str!("../examples/guide/4_probes.rs"),
    include_str!("../examples/guide/5_fence.rs"),
    include_str!("../examples/guide/6_test.rs"),
];

/// Examples of which the guide shows a part.
const EXAMPLES: [&str; 3] = [
    include_str!("../examples/guide/several.rs"),
    include_str!("../examples/guide/without_the_runner.rs"),
    include_str!("../examples/operator/greeter.rs"),
];

#[test]
fn the_guide_begins_with_the_first_program() {
    assert_eq!(blocks("rust").first().map(String::as_str), Some(STEPS[0]));
}

#[test]
fn each_diff_leads_from_one_program_to_the_next() {
    let diffs: Vec<_> = blocks("diff").into_iter().filter(|diff| diff.starts_with("@@")).collect();
    assert_eq!(diffs.len(), STEPS.len() - 1);
    for (number, (diff, step)) in (1..).zip(diffs.iter().zip(STEPS.windows(2))) {
        let patched = patch(step[0], diff).unwrap_or_else(|line| {
            panic!("the diff after step {number} does not apply at: {line}");
        });
        assert_eq!(patched, step[1], "the diff after step {number}");
    }
}

#[test]
fn what_else_the_guide_shows_is_compiled() {
    let shown: Vec<_> = blocks("rust").into_iter().skip(1).collect();
    assert!(!shown.is_empty());
    for block in shown {
        assert!(EXAMPLES.iter().any(|example| example.contains(&block)), "{block}");
    }
}

#[test]
fn the_table_has_as_many_rows_as_it_says() {
    let rows = GUIDE.lines().filter(|line| {
        let first = line.strip_prefix("| ").and_then(|line| line.split(' ').next());
        first.is_some_and(|first| first.parse::<u32>().is_ok())
    });
    assert!(GUIDE.contains("fourteen ways it goes wrong"));
    assert_eq!(rows.count(), 14);
}

#[test]
fn links_of_the_readmes_work_on_crates_io() {
    let core = include_str!("../../kunobi-ha-core/README.md");
    let test = include_str!("../../kunobi-ha-test/README.md");
    for link in
        [include_str!("../README.md"), core, test].iter().flat_map(|text| text.split("](").skip(1))
    {
        let target = link.split(')').next().unwrap_or_default();
        assert!(target.starts_with("https://") || target.starts_with('#'), "{target}");
    }
}

/// Returns the code blocks of the guide in this language.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = GUIDE.split(&fence).skip(1);
    after.filter_map(|rest| Some(rest.split_once("```\n")?.0.to_owned())).collect()
}

/// Applies a unified diff whose hunks may begin anywhere; what it expects must be there, in order.
fn patch(old: &str, diff: &str) -> Result<String, String> {
    let mut rest = old;
    let mut new = String::new();
    for hunk in diff.split("@@\n").skip(1) {
        let side = |sign: char| -> String {
            let lines = hunk.split_inclusive('\n');
            // An empty line stands for one of the context, whose blank editors remove.
            lines
                .filter_map(|line| {
                    line.strip_prefix([' ', sign]).or(Some(line).filter(|l| *l == "\n"))
                })
                .collect()
        };
        let (before, after) = (side('-'), side('+'));
        let at =
            rest.find(&before).ok_or_else(|| before.lines().next().unwrap_or("").to_owned())?;
        new.push_str(&rest[..at]);
        new.push_str(&after);
        rest = &rest[at + before.len()..];
    }
    Ok(new + rest)
}

#[test]
fn a_diff_that_expects_something_else_does_not_apply() {
    let old = "a\nb\nc\n";
    assert_eq!(patch(old, "@@\n a\n-b\n+d\n").as_deref(), Ok("a\nd\nc\n"));
    assert_eq!(patch(old, "@@\n a\n-x\n+d\n"), Err("a".to_owned()));
}
