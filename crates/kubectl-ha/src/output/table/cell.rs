//! Text in a column.

use comfy_table::{Attribute, Color};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{console::Style, words};

/// Text in a column, made safe for a terminal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self { text: words::cut(text.as_ref(), LONGEST), style: Style::Plain }
    }

    /// Takes text that may be longer than a name.
    pub(crate) fn long(text: impl AsRef<str>) -> Self {
        Self { text: words::shown(text.as_ref()), style: Style::Plain }
    }

    #[must_use]
    pub(crate) const fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// Adds text that has the same style.
    #[must_use]
    pub(crate) fn followed_by(mut self, text: &str) -> Self {
        self.text += &words::cut(text, LONGEST);
        self
    }

    /// Returns the text and its style, for a line.
    pub(crate) fn parts(&self) -> (Style, &str) {
        (self.style, &self.text)
    }

    /// Whether it says that there is nothing to say.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.text.as_str(), "" | "-")
    }

    pub(super) fn width(&self) -> usize {
        self.text.width()
    }

    pub(super) fn drawn(&self, width: usize) -> comfy_table::Cell {
        let mut text =
            if self.width() > width { middle_cut(&self.text, width) } else { self.text.clone() };
        text.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width())));
        let cell = comfy_table::Cell::new_owned(text);
        match self.style {
            Style::Plain => cell,
            Style::Good => cell.fg(Color::DarkGreen),
            Style::Warning => cell.fg(Color::DarkYellow),
            Style::Bad => cell.fg(Color::DarkRed),
            Style::Dim => cell.add_attribute(Attribute::Dim),
            Style::Strong => cell.add_attribute(Attribute::Bold),
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// Leaves out the middle: names of Pods differ at their end, and those with a UUID at their beginning.
fn middle_cut(text: &str, width: usize) -> String {
    let half = width.saturating_sub(1) / 2;
    let front: String = taken(text.chars(), width.saturating_sub(1) - half).collect();
    let back: Vec<char> = taken(text.chars().rev(), half).collect();
    front.chars().chain(['…']).chain(back.into_iter().rev()).collect()
}

fn taken(chars: impl Iterator<Item = char>, width: usize) -> impl Iterator<Item = char> {
    chars
        .scan(0, |taken, char| {
            *taken += char.width().unwrap_or(0);
            Some((*taken, char))
        })
        .take_while(move |(taken, _)| *taken <= width)
        .map(|(_, char)| char)
}

/// The longest text of a cell. Longer ones would make the others hard to read.
const LONGEST: usize = 100;
