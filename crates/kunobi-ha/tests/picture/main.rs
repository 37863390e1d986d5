//! The picture of the README is what the election does.
//!
//! `BLESS=1 cargo test -p kunobi-ha --test picture` draws it again.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, also in its helpers")]

#[path = "../../examples/failover/labels.rs"]
mod labels;
mod run;
#[path = "../../examples/failover/svg.rs"]
mod svg;
#[path = "../../examples/failover/timeline.rs"]
mod timeline;

use std::{fs, path::Path};

use self::{
    labels::{Align, Label, Wanted, faults, rows},
    svg::{DARK, LIGHT, Theme, draw},
    timeline::{Event, Happening, Term, Timeline},
};

#[tokio::test(start_paused = true)]
async fn the_pictures_that_are_checked_in_show_what_the_election_does() {
    let timeline = run::play().await;
    assert_three_gaps(&timeline);
    for (theme, file) in [(&LIGHT, "failover-light.svg"), (&DARK, "failover-dark.svg")] {
        let picture = draw(&timeline, theme);
        assert_eq!(faults(&picture.labels, picture.size), [""; 0]);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &picture.svg).unwrap();
        }
        let known = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        assert_eq!(picture.svg, known, "{file} is out of date: BLESS=1 draws it again");
    }
}

/// What the picture says is within what `Bounds` promises.
fn assert_three_gaps(timeline: &Timeline) {
    use kunobi_ha::leader::{Timing, TimingConfig};

    let bounds = Timing::new(TimingConfig::default()).unwrap().bounds();
    let gaps = timeline.gaps();
    let nouns: Vec<_> = gaps.iter().map(|gap| gap.cause.unwrap().noun()).collect();
    assert_eq!(nouns, ["release", "crash", "cut off"]);
    let longest = [bounds.release_polling, bounds.crash_polling, bounds.crash_polling];
    for (gap, bound) in gaps.iter().zip(longest) {
        let most = bound.at(run::LATENCY).as_secs_f64();
        assert!(gap.from < gap.to && gap.to - gap.from <= most, "{} to {}", gap.from, gap.to);
    }
}

/// Who does not see the picture is told the same numbers. Crates.io shows the page, too.
#[tokio::test(start_paused = true)]
async fn the_readme_describes_the_picture() {
    let readme = include_str!("../../README.md");
    let gaps = run::play().await.gaps();
    let [release, crash, cut] =
        [0, 1, 2].map(|gap| format!("{:.1} s", gaps[gap].to - gaps[gap].from));
    let alt = format!(
        "Nobody leads for {release} after a release, for {crash} after a crash, and for {cut} after the \
         leader is cut off"
    );
    assert!(readme.contains(&alt), "{alt}");
    for file in ["failover-light.svg", "failover-dark.svg"] {
        let url = "https://raw.githubusercontent.com/kunobi-ninja/kunobi-ha/main/docs";
        assert!(readme.contains(&format!("\"{url}/{file}\"")), "{file}");
    }
}

#[test]
fn every_text_has_enough_contrast_and_every_bar_too() {
    for theme in [&LIGHT, &DARK] {
        let Theme { background, text, quiet, line, leads, away, gap, gap_text } = *theme;
        for (what, least) in
            [(text, 7.0), (quiet, 4.5), (gap_text, 4.5), (leads, 3.0), (away, 3.0), (line, 3.0)]
        {
            let found = contrast(what, background);
            assert!(found >= least, "{what} on {background}: {found:.1}");
        }
        assert!(contrast(leads, gap) >= 3.0, "{leads} beside {gap}: {}", contrast(leads, gap));
    }
}

#[test]
fn a_replica_that_is_stopped_is_away_until_it_goes_on() {
    let term = |replica: &str, from, to| Term { replica: replica.into(), from, to };
    let event = |at, what| Event { at, replica: "a".into(), what };
    let timeline = Timeline {
        title: String::new(),
        subtitle: String::new(),
        replicas: vec!["a".into(), "b".into()],
        terms: vec![term("a", 0.0, 12.0), term("b", 17.0, 30.0)],
        events: vec![event(2.5, Happening::Stopped), event(20.5, Happening::GoesOn)],
        end: 30.0,
    };
    let absences = timeline.absences();
    let absences: Vec<_> = absences.iter().map(|away| (away.replica, away.from, away.to)).collect();
    assert_eq!(absences, [("a", 2.5, 20.5)]);
    let gaps: Vec<_> = timeline.gaps().iter().map(|gap| (gap.from, gap.to, gap.cause)).collect();
    assert_eq!(gaps, [(12.0, 17.0, Some(Happening::Stopped))]);
}

#[test]
fn texts_that_would_overlap_are_placed_in_rows() {
    let wanted = [10.0, 30.0, 50.0, 590.0].map(|x| Wanted {
        x,
        text: "something happens".into(),
        align: Align::Left,
    });
    let placed = rows(&wanted, 17.0, (14.0, 586.0));
    assert_eq!(placed.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2, 1, 0, 0]);
    let at = |(row, left): (usize, f64)| {
        Label::at(
            left,
            100.0 - f64::from(u32::try_from(row).unwrap()) * 24.0,
            17.0,
            "something happens",
        )
    };
    let labels: Vec<_> = placed.into_iter().map(at).collect();
    assert_eq!(faults(&labels, (600.0, 200.0)), [""; 0]);
}

#[test]
fn texts_that_overlap_or_leave_the_picture_are_found() {
    let labels = [(10.0, "one"), (20.0, "two"), (580.0, "three")]
        .map(|(x, text)| Label::at(x, 100.0, 17.0, text));
    assert_eq!(faults(&labels, (600.0, 200.0)), ["one and two overlap", "three is clipped"]);
}

/// The ratio of WCAG.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |index: usize| {
            let byte = u8::from_str_radix(&colour[index..index + 2], 16).unwrap();
            let part = f64::from(byte) / 255.0;
            if part <= 0.039_28 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
