//! Draws the timeline.

use crate::report::{Story, seconds};

/// Draws a lane for each replica, a bar for each belief, and a tick for each event.
pub(crate) fn draw(story: &Story) -> String {
    let lanes = ["a", "b", "c"];
    let x = |at: u64| LEFT + seconds(at.saturating_sub(story.origin)) * SCALE;
    let y = |replica: &str| {
        let lane = lanes.iter().position(|lane| *lane == replica).unwrap_or(0);
        TOP + LANE * f64::from(u32::try_from(lane).unwrap_or(0))
    };
    let width = x(story.end) + 20.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{HEIGHT:.0}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let mut add = |element: String| svg += &(element + "\n");
    for lane in lanes {
        let y = y(lane);
        add(format!("<text x=\"10\" y=\"{:.1}\">{lane}</text>", y + 14.0));
        add(format!(
            "<line x1=\"{LEFT}\" x2=\"{width:.1}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"#ddd\"/>",
            y + 10.0
        ));
    }
    for term in &story.terms {
        let (from, to) = (x(term.began), x(term.belief_ends().min(story.end)));
        add(format!(
            "<rect x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"20\" rx=\"3\" \
             fill=\"#2a9d8f\"><title>{} leads</title></rect>",
            y(&term.replica),
            (to - from).max(1.0),
            term.replica
        ));
    }
    for entry in story.entries.iter().filter(|entry| !entry.what.starts_with("leads")) {
        let (x, y) = (x(entry.at), y(&entry.replica));
        add(format!(
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"#e76f51\"/>",
            y - 4.0,
            y + 24.0
        ));
        add(format!("<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 3.0, y + 34.0, entry.what));
    }
    svg + "</svg>\n"
}

const LEFT: f64 = 40.0;
const TOP: f64 = 20.0;
const LANE: f64 = 50.0;
const HEIGHT: f64 = 180.0;
/// In pixels per second.
const SCALE: f64 = 40.0;
