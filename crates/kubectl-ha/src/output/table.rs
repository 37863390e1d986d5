//! Tables as `kubectl get` prints them: no lines, three spaces between the columns.

use comfy_table::{Attribute, Color, ContentArrangement, presets::NOTHING};
use unicode_width::UnicodeWidthStr;

use crate::{
    console::{Style, Terminal},
    words,
};

/// Rows under the names of their columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    names: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    headers: bool,
    /// Which columns are cut first if the terminal is too narrow.
    flexible: Vec<&'static str>,
    /// The width of each column at least: that of the rows above.
    least: Vec<usize>,
}

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

    #[must_use]
    pub(crate) const fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

impl Table {
    /// Begins a table with columns of these names.
    pub(crate) fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self { names: names.into_iter().collect(), headers: true, ..Self::default() }
    }

    #[must_use]
    pub(crate) fn with_headers(self, headers: bool) -> Self {
        Self { headers, ..self }
    }

    /// Says which columns are cut if the terminal is too narrow.
    #[must_use]
    pub(crate) fn with_flexible(self, flexible: impl IntoIterator<Item = &'static str>) -> Self {
        Self { flexible: flexible.into_iter().collect(), ..self }
    }

    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Returns an empty table whose rows stand under those of this one, and have no names above.
    pub(crate) fn continued(&self) -> Self {
        let (names, flexible) = (self.names.clone(), self.flexible.clone());
        Self { names, flexible, headers: false, rows: Vec::new(), least: self.widths() }
    }

    pub(super) fn drawn(&self, terminal: Terminal) -> String {
        let widths = self.fitted(terminal.width);
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        if terminal.colours {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if self.headers {
            let names = self.names.iter().map(Cell::new);
            table.add_row(names.zip(&widths).map(|(cell, width)| cell.drawn(*width)));
        }
        for row in &self.rows {
            table.add_row(row.iter().zip(&widths).map(|(cell, width)| cell.drawn(*width)));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP));
        }
        let mut text = String::new();
        for line in table.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if self.rows.is_empty() && !self.headers { String::new() } else { text }
    }

    fn widths(&self) -> Vec<usize> {
        let column = |at: usize, name: &str| {
            let rows =
                self.rows.iter().filter_map(|row| row.get(at)).map(Cell::width).max().unwrap_or(0);
            let least = self.least.get(at).copied().unwrap_or(0);
            if self.headers { rows.max(name.len()).max(least) } else { rows.max(least) }
        };
        self.names.iter().enumerate().map(|(at, name)| column(at, name)).collect()
    }

    /// Takes what is too much from the widest flexible columns.
    fn fitted(&self, terminal: Option<u16>) -> Vec<usize> {
        let mut widths = self.widths();
        let Some(most) = terminal.map(usize::from) else {
            return widths;
        };
        let gaps = usize::from(GAP) * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > most {
            let flexible =
                self.names.iter().enumerate().filter(|(_, name)| self.flexible.contains(name));
            let Some(widest) = flexible.map(|(at, _)| at).max_by_key(|at| widths[*at]) else {
                break;
            };
            if widths[widest] <= NARROWEST {
                break;
            }
            widths[widest] -= 1;
        }
        widths
    }
}

impl Cell {
    fn drawn(&self, width: usize) -> comfy_table::Cell {
        let mut text = self.text.clone();
        if text.width() > width {
            while text.width() >= width && text.pop().is_some() {}
            text.push('…');
        }
        text.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width())));
        let cell = comfy_table::Cell::new(text);
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

/// What is between two columns.
const GAP: u16 = 3;

/// The longest text of a cell: no name of an object is longer.
const LONGEST: usize = 253;

/// No column is cut to less.
const NARROWEST: usize = 12;
