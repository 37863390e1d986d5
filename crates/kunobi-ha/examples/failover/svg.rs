//! Draws a timeline: a lane for each replica, a bar for each term, the gaps between them with their lengths.

use crate::{
    labels::{Align, Label, Wanted, rows},
    timeline::{Happening, Timeline},
};

/// The colours of a picture.
pub(crate) struct Theme {
    pub(crate) background: &'static str,
    pub(crate) text: &'static str,
    /// Of what is less important.
    pub(crate) quiet: &'static str,
    pub(crate) line: &'static str,
    pub(crate) leads: &'static str,
    pub(crate) away: &'static str,
    pub(crate) gap: &'static str,
    pub(crate) gap_text: &'static str,
}

/// A picture, and the texts in it.
pub(crate) struct Picture {
    pub(crate) svg: String,
    pub(crate) labels: Vec<Label>,
    pub(crate) size: (f64, f64),
}

pub(crate) const LIGHT: Theme = Theme {
    background: "#ffffff",
    text: "#1f2328",
    quiet: "#59636e",
    line: "#818b98",
    leads: "#0969da",
    away: "#cf222e",
    gap: "#ffdfb6",
    gap_text: "#953800",
};

pub(crate) const DARK: Theme = Theme {
    background: "#0d1117",
    text: "#f0f6fc",
    quiet: "#9198a1",
    line: "#656c76",
    leads: "#4493f8",
    away: "#f85149",
    gap: "#4d2d00",
    gap_text: "#ffa657",
};

pub(crate) fn draw(timeline: &Timeline, theme: &Theme) -> Picture {
    Canvas::new(timeline, theme).draw()
}

/// A picture that is being drawn.
struct Canvas<'a> {
    timeline: &'a Timeline,
    theme: &'a Theme,
    /// Where the first lane begins, and where the last one ends.
    top: f64,
    bottom: f64,
    shapes: Vec<String>,
    labels: Vec<Label>,
    texts: Vec<String>,
}

impl<'a> Canvas<'a> {
    fn new(timeline: &'a Timeline, theme: &'a Theme) -> Self {
        let (shapes, texts) = (Vec::new(), Vec::new());
        Self { timeline, theme, top: 0.0, bottom: 0.0, shapes, labels: Vec::new(), texts }
    }

    fn draw(mut self) -> Picture {
        let Timeline { title, subtitle, .. } = self.timeline;
        self.write(Label::at(EDGE, 30.0, 22.0, title), self.theme.text, true);
        self.write(Label::at(EDGE, 54.0, 16.0, subtitle), self.theme.quiet, false);
        self.events();
        self.gaps();
        self.lanes();
        self.terms();
        let height = self.legend() + EDGE;
        let Theme { background, away, .. } = self.theme;
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" \
             width=\"{WIDTH:.0}\" height=\"{height:.0}\" role=\"img\" font-family=\"system-ui, \
             -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif\">\n\
             <title>{title}</title>\n<defs><pattern id=\"away\" width=\"8\" height=\"8\" \
             patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <rect width=\"8\" height=\"8\" fill=\"{background}\"/>\
             <rect width=\"4\" height=\"8\" fill=\"{away}\"/></pattern></defs>\n\
             <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{background}\"/>\n{}{}</svg>\n",
            self.shapes.concat(),
            self.texts.concat()
        );
        Picture { svg, labels: self.labels, size: (WIDTH, height) }
    }

    fn x(&self, at: f64) -> f64 {
        LEFT + at / self.timeline.end * (RIGHT - LEFT)
    }

    /// The middle of the lane of a replica.
    fn y(&self, replica: &str) -> f64 {
        let lanes = self.timeline.replicas.iter().take_while(|lane| *lane != replica);
        self.top + LANE * (lanes.fold(0.0, |above, _| above + 1.0) + 0.5)
    }

    fn rect(&mut self, x: (f64, f64), y: (f64, f64), fill: &str) {
        let (width, height) = ((x.1 - x.0).max(1.5), y.1 - y.0);
        self.shapes.push(format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>\n",
            x.0, y.0
        ));
    }

    fn write(&mut self, label: Label, fill: &str, bold: bool) {
        let Label { x, y, size, text } = &label;
        let weight = if bold { " font-weight=\"600\"" } else { "" };
        self.texts.push(format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size:.0}\" fill=\"{fill}\"{weight}>{text}</text>\n"
        ));
        self.labels.push(label);
    }

    /// Above the lanes, each with a line down to its own lane.
    fn events(&mut self) {
        let events: Vec<_> =
            self.timeline.events.iter().filter(|event| !event.what.is_back()).collect();
        let wanted: Vec<_> = events
            .iter()
            .map(|event| Wanted {
                x: self.x(event.at),
                text: format!("{} {}", event.replica, event.what.text()),
                align: Align::Left,
            })
            .collect();
        let rows = rows(&wanted, TEXT, (EDGE, WIDTH - EDGE));
        let most = rows.iter().map(|(row, _)| row + 1).max().unwrap_or(0);
        let height = |row: usize| ROW * f64::from(u32::try_from(row).unwrap_or(0));
        self.top = HEAD + height(most) + 8.0;
        let lanes = self.timeline.replicas.iter().fold(0.0, |sum, _| sum + LANE);
        self.bottom = self.top + lanes;
        for ((row, left), (wanted, event)) in rows.into_iter().zip(wanted.into_iter().zip(events)) {
            let baseline = self.top - 13.0 - height(row);
            let lane = self.y(&event.replica);
            let (from, to) = ((wanted.x, baseline - TEXT + 3.0), (wanted.x, lane - BAR / 2.0));
            // Over the gap that may begin there.
            self.texts.push(line(from, to, self.theme.text, 1.5));
            self.write(Label::at(left, baseline, TEXT, wanted.text), self.theme.text, false);
        }
    }

    /// Behind the lanes, each with its cause and its length below them.
    fn gaps(&mut self) {
        let gaps: Vec<_> =
            self.timeline.gaps().into_iter().filter(|gap| gap.to > gap.from).collect();
        let wanted: Vec<_> = gaps
            .iter()
            .map(|gap| Wanted {
                x: self.x(f64::midpoint(gap.from, gap.to)),
                text: format!(
                    "{}: {:.1} s",
                    gap.cause.map_or("gap", Happening::noun),
                    gap.to - gap.from
                ),
                align: Align::Middle,
            })
            .collect();
        let rows = rows(&wanted, TEXT, (EDGE, WIDTH - EDGE));
        for (gap, ((row, left), wanted)) in gaps.iter().zip(rows.iter().zip(wanted)) {
            let row = f64::from(u32::try_from(*row).unwrap_or(0));
            let foot = self.bottom + 4.0 + ROW * row;
            let x = (self.x(gap.from), self.x(gap.to));
            self.rect(x, (self.top, self.bottom), self.theme.gap);
            self.shapes.push(line(
                (wanted.x, self.bottom),
                (wanted.x, foot),
                self.theme.gap_text,
                1.0,
            ));
            let label = Label::at(*left, foot + TEXT, TEXT, wanted.text);
            self.write(label, self.theme.gap_text, true);
        }
        let rows = rows.iter().map(|(row, _)| row + 1).max().unwrap_or(0);
        self.axis(self.bottom + 12.0 + ROW * f64::from(u32::try_from(rows).unwrap_or(0)));
    }

    fn axis(&mut self, y: f64) {
        let colour = self.theme.quiet;
        self.shapes.push(line((LEFT, y), (RIGHT, y), colour, 1.0));
        let step = STEPS.into_iter().find(|step| self.x(*step) - LEFT >= TICK).unwrap_or(60.0);
        let mut at = 0.0;
        while at <= self.timeline.end {
            let x = self.x(at);
            self.shapes.push(line((x, y), (x, y + 5.0), colour, 1.0));
            let text = format!("{at:.0} s");
            let half = crate::labels::width(&text, SMALL) / 2.0;
            let x = (x - half).min(WIDTH - EDGE - 2.0 * half);
            self.write(Label::at(x, y + 8.0 + SMALL, SMALL, text), colour, false);
            at += step;
        }
    }

    fn lanes(&mut self) {
        for replica in &self.timeline.replicas {
            let y = self.y(replica);
            self.write(Label::at(EDGE, y + 6.0, 18.0, replica), self.theme.text, true);
            self.shapes.push(line((LEFT, y), (RIGHT, y), self.theme.line, 2.0));
        }
    }

    fn terms(&mut self) {
        for term in &self.timeline.terms {
            let x = (self.x(term.from), self.x(term.to.min(self.timeline.end)));
            let y = self.y(&term.replica);
            self.rect(x, (y - BAR / 2.0, y + BAR / 2.0), self.theme.leads);
        }
        // A leader that is cut off still leads for a while: both show.
        for absence in self.timeline.absences() {
            let x = (self.x(absence.from), self.x(absence.to));
            let y = self.y(absence.replica);
            self.rect(x, (y - 5.0, y + 5.0), "url(#away)");
        }
    }

    /// Returns where it ends.
    fn legend(&mut self) -> f64 {
        let lowest = self.labels.iter().map(|label| label.y).fold(0.0, f64::max);
        let (y, theme) = (lowest + 30.0, self.theme);
        let mut x = EDGE;
        for (fill, height, text) in [
            (theme.leads, BAR / 2.0, "leads"),
            (theme.line, 2.0, "stands by"),
            ("url(#away)", 10.0, "down or cut off"),
            (theme.gap, BAR / 2.0, "no leader"),
        ] {
            let middle = y - 5.0;
            self.rect((x, x + 24.0), (middle - height / 2.0, middle + height / 2.0), fill);
            let label = Label::at(x + 30.0, y, SMALL, text);
            x = label.right() + 16.0;
            self.write(label, theme.text, false);
        }
        y
    }
}

fn line(from: (f64, f64), to: (f64, f64), stroke: &str, width: f64) -> String {
    format!(
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{stroke}\" \
         stroke-width=\"{width:.1}\"/>\n",
        from.0, from.1, to.0, to.1
    )
}

const WIDTH: f64 = 600.0;
const EDGE: f64 = 14.0;
/// Where the axis begins and ends.
const LEFT: f64 = 40.0;
const RIGHT: f64 = 582.0;
/// Where title and subtitle have ended.
const HEAD: f64 = 62.0;
const LANE: f64 = 42.0;
const BAR: f64 = 26.0;
const ROW: f64 = 24.0;
/// Sizes of fonts.
const TEXT: f64 = 17.0;
const SMALL: f64 = 16.0;
/// Between two ticks of the axis, at least; and the seconds that may be between them.
const TICK: f64 = 60.0;
const STEPS: [f64; 6] = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0];
