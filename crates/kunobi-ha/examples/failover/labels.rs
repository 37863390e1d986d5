//! Where the texts of a picture stand, so that none covers another or leaves the picture.

/// A text in one line.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    /// Of the left end, and of the baseline.
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) size: f64,
    pub(crate) text: String,
}

impl Label {
    pub(crate) fn at(x: f64, y: f64, size: f64, text: impl Into<String>) -> Self {
        Self { x, y, size, text: text.into() }
    }

    /// Where the text ends at the right, at most: fonts differ, and this is a wide one.
    pub(crate) fn right(&self) -> f64 {
        self.x + width(&self.text, self.size)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let beside = self.right() <= other.x || other.right() <= self.x;
        let apart = self.y - self.size >= other.y || other.y - other.size >= self.y;
        !beside && !apart
    }
}

/// Texts to be placed in rows: where each points to, and what it says.
pub(crate) struct Wanted {
    pub(crate) x: f64,
    pub(crate) text: String,
    pub(crate) align: Align,
}

/// What of a text stands where it points to.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    Left,
    Middle,
}

/// Places texts in as few rows as they need, between the margins. Row 0 is that which is nearest to what
/// they point at. A text never crosses the line from another one, in a row behind it, to that place.
pub(crate) fn rows(wanted: &[Wanted], size: f64, margins: (f64, f64)) -> Vec<(usize, f64)> {
    let mut placed: Vec<(usize, f64)> = vec![(0, 0.0); wanted.len()];
    // From right to left, because a text stands at the right of its line.
    for index in (0..wanted.len()).rev() {
        let Wanted { x, text, align } = &wanted[index];
        let room = width(text, size);
        let left = match align {
            Align::Left => *x + GAP,
            Align::Middle => *x - room / 2.0,
        };
        let left = left.min(margins.1 - room).max(margins.0);
        let clashes = |row: usize| {
            placed.iter().zip(wanted).skip(index + 1).any(|(&(other, start), theirs)| {
                let end = start + width(&theirs.text, size);
                let covers = left < end + GAP && start < left + room + GAP;
                let crossed = other > row && (left..left + room).contains(&theirs.x);
                (other == row && covers) || crossed
            })
        };
        let free = (0..=wanted.len()).find(|row| !clashes(*row));
        placed[index] = (free.unwrap_or(wanted.len()), left);
    }
    placed
}

/// Returns the texts that cover each other or leave a picture of this size.
pub(crate) fn faults(labels: &[Label], (width, height): (f64, f64)) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        if label.x < 0.0 || label.right() > width || label.y - label.size < 0.0 || label.y > height
        {
            faults.push(format!("{} is clipped", label.text));
        }
        for other in labels.iter().skip(index + 1).filter(|other| label.overlaps(other)) {
            faults.push(format!("{} and {} overlap", label.text, other.text));
        }
    }
    faults
}

pub(crate) fn width(text: &str, size: f64) -> f64 {
    f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX)) * size * WIDTH
}

/// Of a character, in parts of the size of the font: the average of wide fonts, such as `DejaVu` Sans.
const WIDTH: f64 = 0.58;
/// Between two texts, and between a text and its line.
const GAP: f64 = 5.0;
