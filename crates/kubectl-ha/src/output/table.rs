//! Tables as `kubectl get` prints them: no lines, three spaces between the columns.

mod cell;
#[cfg(test)]
mod tests;

use comfy_table::{ContentArrangement, presets::NOTHING};

pub(crate) use self::cell::Cell;
use crate::console::Terminal;

/// Rows under the names of their columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    names: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    headers: bool,
    /// Which columns are cut first if the terminal is too narrow.
    flexible: Vec<&'static str>,
    /// Which columns are left out if that is not enough, in this order.
    optional: Vec<&'static str>,
    /// Which column is left out if names are cut as far as can be and that is not enough.
    last: Option<&'static str>,
    /// Which columns have a width at least, for rows that come later.
    room: Vec<(&'static str, usize)>,
    /// What is known of the columns from the rows above.
    above: Option<Above>,
}

/// The columns of the rows above.
#[derive(Clone, Debug)]
struct Above {
    widths: Vec<usize>,
    /// Which of them say nothing.
    empty: Vec<usize>,
}

/// What is written of a table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Drawn {
    pub(super) text: String,
    pub(super) left_out: Vec<&'static str>,
}

/// Which columns are drawn, and how wide.
struct Layout {
    columns: Vec<usize>,
    widths: Vec<usize>,
    gap: usize,
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

    /// Says which columns are left out if the terminal is too narrow, the first one first.
    #[must_use]
    pub(crate) fn with_optional(self, optional: impl IntoIterator<Item = &'static str>) -> Self {
        Self { optional: optional.into_iter().collect(), ..self }
    }

    /// Says which column is left out last: without it names could be mistaken.
    #[must_use]
    pub(crate) fn with_last(self, last: &'static str) -> Self {
        Self { last: Some(last), ..self }
    }

    /// Makes a column at least so wide.
    #[must_use]
    pub(crate) fn with_room(mut self, name: &'static str, width: usize) -> Self {
        self.room.push((name, width));
        self
    }

    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Returns an empty table whose rows stand under those of this one, without names above.
    pub(crate) fn continued(&self) -> Self {
        let above = Above { widths: self.widths(), empty: self.empty() };
        Self { headers: false, rows: Vec::new(), above: Some(above), ..self.clone() }
    }

    pub(super) fn drawn(&self, terminal: Terminal) -> Drawn {
        let layout = self.layout(terminal.width.map(usize::from));
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        if terminal.colours {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let names: Vec<Cell> = self.names.iter().map(Cell::new).collect();
        for row in self.headers.then_some(&names).into_iter().chain(&self.rows) {
            let cells = layout.columns.iter().zip(&layout.widths);
            table
                .add_row(cells.filter_map(|(column, width)| Some(row.get(*column)?.drawn(*width))));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, u16::try_from(layout.gap).unwrap_or(1)));
        }
        let lines = if table.is_empty() { Vec::new() } else { table.lines().collect() };
        let text = lines
            .iter()
            .map(|line: &String| format!("{}\n", line.trim_end()))
            .collect::<Vec<_>>()
            .concat();
        let left_out = if self.headers { layout.left_out(&self.names) } else { Vec::new() };
        Drawn { text, left_out }
    }

    fn widths(&self) -> Vec<usize> {
        let column = |at: usize, name: &str| {
            let rows =
                self.rows.iter().filter_map(|row| row.get(at)).map(Cell::width).max().unwrap_or(0);
            let room = self.room.iter().find(|(it, _)| *it == name).map_or(0, |(_, width)| *width);
            let name = if self.headers { name.len() } else { 0 };
            let above = self.above.as_ref().and_then(|above| above.widths.get(at).copied());
            rows.max(name).max(room).max(above.unwrap_or(0))
        };
        self.names.iter().enumerate().map(|(at, name)| column(at, name)).collect()
    }

    /// Returns the columns that may be left out and say nothing in any row. Rows below follow those above.
    fn empty(&self) -> Vec<usize> {
        if let Some(above) = &self.above {
            return above.empty.clone();
        }
        let is_empty =
            |at: &usize| self.rows.iter().all(|row| row.get(*at).is_none_or(Cell::is_empty));
        let optional = |at: &usize| self.optional.contains(&self.names[*at]);
        (0..self.names.len()).filter(optional).filter(is_empty).collect()
    }

    /// Makes the table fit: first columns that say nothing are left out, then names are cut as far as they can be read, and
    /// the gaps, then columns are left out, and at last names are cut more, and the last column is left out.
    fn layout(&self, most: Option<usize>) -> Layout {
        let full = self.widths();
        let columns = (0..full.len()).collect();
        let mut layout = Layout { columns, widths: full.clone(), gap: GAP };
        let Some(most) = most else {
            return layout;
        };
        if layout.width() > most {
            let empty = self.empty();
            layout.columns.retain(|column| !empty.contains(column));
            layout.reset(&full);
        }
        let mut optional = self.optional.iter();
        while !self.cut(&mut layout, most, READABLE) {
            layout.reset(&full);
            if layout.gap > NARROW_GAP {
                layout.gap = NARROW_GAP;
            } else if let Some(name) = optional.next() {
                layout.columns.retain(|column| self.names[*column] != *name);
                layout.reset(&full);
            } else {
                if !self.cut(&mut layout, most, NARROWEST)
                    && let Some(name) = self.last
                {
                    layout.columns.retain(|column| self.names[*column] != name);
                    layout.reset(&full);
                    self.cut(&mut layout, most, NARROWEST);
                }
                break;
            }
        }
        layout
    }

    /// Takes what is too much from the widest flexible columns down to a width, and says whether that was enough.
    fn cut(&self, layout: &mut Layout, most: usize, least: usize) -> bool {
        let flexible: Vec<usize> = (0..layout.columns.len())
            .filter(|at| self.flexible.contains(&self.names[layout.columns[*at]]))
            .collect();
        while layout.width() > most {
            let Some(widest) = flexible.iter().copied().max_by_key(|at| layout.widths[*at]) else {
                return false;
            };
            if layout.widths[widest] <= least {
                return false;
            }
            layout.widths[widest] -= 1;
        }
        true
    }
}

impl Layout {
    fn width(&self) -> usize {
        self.widths.iter().sum::<usize>() + self.gap * self.widths.len().saturating_sub(1)
    }

    /// Gives the columns that are left their full width.
    fn reset(&mut self, full: &[usize]) {
        self.widths = self.columns.iter().map(|column| full[*column]).collect();
    }

    fn left_out(&self, names: &[&'static str]) -> Vec<&'static str> {
        (0..names.len())
            .filter(|column| !self.columns.contains(column))
            .map(|column| names[column])
            .collect()
    }
}

/// What is between two columns, and what at least.
const GAP: usize = 3;
const NARROW_GAP: usize = 2;

/// No column is cut to less while another one can be left out: the end of a pod's name, and some of what is before it.
const READABLE: usize = 16;

/// No column is cut to less.
const NARROWEST: usize = 10;
