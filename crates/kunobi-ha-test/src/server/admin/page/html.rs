//! HTML text. Only what stands in the source of this program is markup; everything else is escaped.

use std::fmt::{self, Display, Write};

#[derive(Debug, Default)]
pub(super) struct Html(String);

/// A table under a title of its own.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) caption: &'static str,
    /// What is said in its place if it has no rows.
    pub(super) none: &'static str,
    pub(super) columns: &'static [&'static str],
    /// The first cell of a row is its heading.
    pub(super) rows: Vec<Vec<Cell>>,
}

#[derive(Debug)]
pub(super) enum Cell {
    Text(String),
    Number(String),
    Link { to: String, text: String },
}

impl Html {
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        // Writing to a string does not fail.
        let _ = write!(Escaped(&mut self.0), "{text}");
        self
    }

    pub(super) fn link(&mut self, to: &str, text: &str) -> &mut Self {
        self.markup("<a href=\"").text(to).markup("\">").text(text).markup("</a>")
    }

    pub(super) fn table(&mut self, table: &Table) {
        let Table { id, title, caption, none, columns, rows } = table;
        self.markup("<section>\n<h2 id=\"").text(id).markup("\">").text(title).markup("</h2>\n");
        if rows.is_empty() {
            self.markup("<p>").text(none).markup("</p>\n</section>\n");
            return;
        }
        // What scrolls can be reached with the keyboard.
        self.markup("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"");
        self.text(id).markup("\">\n<table>\n<caption>").text(caption).markup("</caption>\n");
        self.markup("<thead><tr>");
        for column in *columns {
            self.markup("<th scope=\"col\">").text(column).markup("</th>");
        }
        self.markup("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.markup("<tr>");
            for (index, cell) in row.iter().enumerate() {
                self.cell(cell, index == 0);
            }
            self.markup("</tr>\n");
        }
        self.markup("</tbody>\n</table>\n</div>\n</section>\n");
    }

    fn cell(&mut self, cell: &Cell, is_heading: bool) {
        self.markup(if is_heading { "<th scope=\"row\"" } else { "<td" });
        match cell {
            Cell::Text(text) => self.markup(">").text(text),
            Cell::Number(text) => self.markup(" class=\"number\">").text(text),
            Cell::Link { to, text } => self.markup(">").link(to, text),
        };
        self.markup(if is_heading { "</th>" } else { "</td>" });
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl Cell {
    pub(super) fn number(number: impl Display) -> Self {
        Self::Number(number.to_string())
    }
}

struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                letter => self.0.push(letter),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_markup() {
        let mut html = Html::default();
        html.link("/?a=\"'&b", "<script>alert('x')</script>").text("ä & b");
        assert_eq!(
            html.into_text(),
            "<a href=\"/?a=&quot;&#39;&amp;b\">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</a>\
             ä &amp; b"
        );
    }
}
