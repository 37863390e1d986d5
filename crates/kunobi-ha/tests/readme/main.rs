//! Checks that the README and the pages for contributors are up to date, and that the short program is
//! short.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, also in its helpers")]

mod links;
mod messages;
mod paths;
mod scenarios;
mod short;

const README: &str = include_str!("../../README.md");

#[test]
fn versions_in_the_readme_are_those_of_the_manifest() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(README.contains(&format!("kunobi-ha = {{ version = \"{version}\"")), "{version}");
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(README.contains(&format!("Rust {rust} or later")), "{rust}");
}

#[test]
fn features_in_the_readme_are_those_of_the_manifest() {
    let manifest = include_str!("../../Cargo.toml");
    let table = manifest.split("\n[features]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    let features = table.expect("the manifest has features").lines().filter_map(|line| {
        line.split_once(" = ").map(|(feature, _)| feature).filter(|feature| !feature.contains('#'))
    });
    let features: Vec<_> = features.filter(|feature| *feature != "default").collect();
    assert!(features.len() > 15, "{features:?}");
    for feature in features {
        assert!(README.contains(&format!("`{feature}`")), "{feature}");
    }
}

#[test]
fn defaults_and_bounds_in_the_readme_are_those_of_the_library() {
    use std::time::Duration;

    use kunobi_ha::leader::{Bound, Timing, TimingConfig};

    let config = TimingConfig::default();
    let row = |name: &str, value: Duration| format!("| `{name}` | {} s |", value.as_secs());
    for row in [
        row("lease_duration", config.lease_duration),
        row("renew_deadline", config.renew_deadline),
        row("retry_period", config.retry_period),
        row("release_timeout", config.release_timeout),
    ] {
        assert!(README.contains(&row), "{row}");
    }
    let bounds = Timing::new(config).expect("the defaults work").bounds();
    let words = ["no", "one", "two", "three", "four"];
    let requests = |bound: Bound| words[bound.requests as usize];
    let seconds = |bound: Bound| bound.duration.as_secs_f64();
    let within = |bound| format!("within {} s and {} requests", seconds(bound), requests(bound));
    let and = |bound| format!("{} s and {}", seconds(bound), requests(bound));
    let (release, watching) = (bounds.release_polling, bounds.release_watching);
    for promise in [
        format!("{}; watching: {} |", within(bounds.crash_polling), and(bounds.crash_watching)),
        format!("within {} s and two requests, {} if a", seconds(release), requests(release)),
        format!("watching: two, or {} |", requests(watching)),
        format!("{}, watching, if the kubelet", within(bounds.death_watching)),
        format!(
            "leads {} ms and {} requests after it",
            bounds.outage.duration.as_millis(),
            requests(bounds.outage)
        ),
        format!(
            "{}; a lone replica: {} |",
            within(bounds.lost_create_among_several),
            and(bounds.lost_create)
        ),
    ] {
        assert!(README.contains(&promise), "{promise}");
    }
    assert_eq!(bounds.hung_request_latency.as_millis(), 3_333);
    assert!(README.contains("others take less than 3.3 s"));
    assert!(
        README.contains(&format!("are dead | nothing is lost up to {};", bounds.dead_connections))
    );
}

#[test]
fn the_first_program_of_the_readme_is_the_example() {
    let example = include_str!("../../examples/leader.rs");
    let (header, program) = example.split_once("\n\n").expect("a header and a program");
    assert!(header.lines().all(|line| line.starts_with("//!")), "{header}");
    assert!(README.contains(&format!("```rust,no_run\n{program}```\n")));
}
