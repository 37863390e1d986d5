//! Logs that were made up, and what they must come to.
#![expect(clippy::float_cmp, reason = "whole seconds are exact")]

use super::*;

const S: u64 = 1_000_000_000;

fn window(from: u64, to: u64) -> Span {
    Span { from: from * S, to: to * S }
}

fn of(replicas: &[&[Event]], from: u64, to: u64) -> Believers {
    let spans: Vec<_> = replicas.iter().map(|events| spans(events, to * S)).collect();
    count(&spans, window(from, to))
}

fn leads(at: u64) -> Event {
    Event::Leads { at: at * S }
}

fn follows(last_yes: u64) -> Event {
    Event::Follows { last_yes: last_yes * S }
}

#[test]
fn a_handover_with_a_gap_has_no_two_believers() {
    let figures = of(&[&[leads(1), follows(12)], &[leads(17)]], 10, 30);
    assert_eq!(figures, Believers { two: 0.0, none: 5.0 });
}

#[test]
fn who_goes_on_believing_beside_the_next_leader_is_counted() {
    let figures = of(&[&[leads(1), follows(22)], &[leads(15)]], 10, 30);
    assert_eq!(figures, Believers { two: 7.0, none: 0.0 });
}

#[test]
fn a_belief_that_never_ends_lasts_to_the_end_of_the_window() {
    let figures = of(&[&[leads(1)], &[leads(15)]], 10, 30);
    assert_eq!(figures, Believers { two: 15.0, none: 0.0 });
    assert_eq!(of(&[&[leads(1)], &[leads(1)]], 10, 30).two, 20.0);
}

#[test]
fn three_believers_are_not_counted_twice() {
    let figures = of(&[&[leads(1)], &[leads(15)], &[leads(16)]], 10, 30);
    assert_eq!(figures.two, 15.0);
}

#[test]
fn nobody_is_nobody_for_the_whole_window() {
    assert_eq!(of(&[&[], &[]], 10, 30), Believers { two: 0.0, none: 20.0 });
    assert_eq!(of(&[&[leads(1), follows(9)], &[leads(31)]], 10, 30).none, 20.0);
}

#[test]
fn the_dead_do_not_believe() {
    let killed = [leads(1), Event::Ended { at: 10 * S }];
    assert_eq!(of(&[&killed, &[leads(26)]], 10, 30), Believers { two: 0.0, none: 16.0 });
    // What it had printed before arrives later; its end closes that, too.
    let late = [Event::Ended { at: 10 * S }, leads(9), Event::Ended { at: 10 * S }];
    assert_eq!(of(&[&late], 10, 30).none, 20.0);
}

#[test]
fn a_stopped_process_counts_only_from_when_it_continues() {
    let (stopped, continued) = (Event::Stopped { at: 10 * S }, Event::Continued { at: 25 * S });
    let honest = [leads(1), stopped, continued, follows(10)];
    assert_eq!(of(&[&honest, &[leads(20)]], 10, 30), Believers { two: 0.0, none: 10.0 });
    let stale = [leads(1), stopped, continued, follows(28)];
    assert_eq!(of(&[&stale, &[leads(20)]], 10, 30), Believers { two: 3.0, none: 10.0 });
    let never_continued = [leads(1), stopped];
    assert_eq!(of(&[&never_continued, &[leads(20)]], 10, 30), Believers { two: 0.0, none: 10.0 });
}

#[test]
fn a_process_that_was_started_again_is_the_same_replica() {
    let again = [leads(1), Event::Ended { at: 12 * S }, leads(13)];
    assert_eq!(of(&[&again, &[]], 10, 30), Believers { two: 0.0, none: 1.0 });
}
