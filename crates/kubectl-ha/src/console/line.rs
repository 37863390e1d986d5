//! One line of output.

use crate::{output::Cell, words::shown};

/// A line of text in pieces, each of which means something.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Line(Vec<(Style, String)>);

/// What a piece of text means, which decides its colour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Style {
    #[default]
    Plain,
    Good,
    Warning,
    Bad,
    Dim,
    Strong,
}

impl Line {
    /// Adds text, made safe for a terminal.
    #[must_use]
    pub(crate) fn with(mut self, style: Style, text: impl AsRef<str>) -> Self {
        self.0.push((style, shown(text.as_ref())));
        self
    }

    /// Adds the text of a cell.
    #[must_use]
    pub(crate) fn with_cell(mut self, cell: &Cell) -> Self {
        let (style, safe) = cell.parts();
        self.0.push((style, safe.to_owned()));
        self
    }

    /// Returns what is written: with colours only if they are shown.
    pub(super) fn painted(&self, colours: bool) -> String {
        self.0.iter().map(|(style, text)| style.painted(text, colours)).collect()
    }
}

impl<T: AsRef<str>> From<T> for Line {
    fn from(text: T) -> Self {
        Self::default().with(Style::Plain, text)
    }
}

impl Style {
    fn painted(self, text: &str, colours: bool) -> String {
        let code = match self {
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Dim => "2",
            Self::Strong => "1",
            Self::Plain => return text.into(),
        };
        if colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.into() }
    }
}
