//! A table with a column for each library.

use super::Column;
use crate::peer::Peer;

#[derive(Debug)]
pub(super) struct Table<'a> {
    columns: &'a [Column],
    text: String,
}

impl<'a> Table<'a> {
    pub(super) fn new(title: &str, corner: &str, columns: &'a [Column]) -> Self {
        let names = columns.iter().map(|column| format!(" {} |", column.peer.title));
        let rules = columns.iter().map(|_| " ---: |");
        let text = format!(
            "\n### {title}\n\n| {corner} |{}\n| --- |{}\n",
            names.collect::<String>(),
            rules.collect::<String>()
        );
        Self { columns, text }
    }

    /// A cell that was not measured has a dash.
    pub(super) fn row(&mut self, name: &str, cell: impl Fn(&Peer) -> Option<String>) {
        self.text += &format!("| {name} |");
        for column in self.columns {
            let cell = cell(&column.peer).unwrap_or_else(|| "–".to_owned());
            self.text += &format!(" {cell} |");
        }
        self.text.push('\n');
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}
