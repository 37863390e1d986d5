//! The table of a suite.

use std::fmt::Write;

use super::{Side, Suite};

impl Suite {
    /// A line for each step, with a column for each side; why steps failed; and how many passed.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).unwrap_or_else(|_| unreachable!("a String takes all"));
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let names = self.names();
        let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        write!(text, "\nsuite {}: {} steps\n{:widest$}", self.name, names.len(), "")?;
        for column in &self.columns {
            write!(text, "  {:16}", column.side)?;
        }
        writeln!(text)?;
        for name in &names {
            write!(text, "{name:widest$}")?;
            for column in &self.columns {
                let outcome = match column.outcomes(name).first() {
                    Some(Ok(())) => "passes",
                    Some(Err(_)) => "FAILS",
                    None => "did not run",
                };
                write!(text, "  {outcome:16}")?;
            }
            match self.known(name) {
                Some(known) => writeln!(text, "  {}", known.reason)?,
                None => writeln!(text)?,
            }
        }
        self.write_failures(text, &names)?;
        self.write_totals(text, &names)
    }

    fn write_failures(&self, text: &mut String, names: &[&str]) -> std::fmt::Result {
        for name in names {
            for column in &self.columns {
                for why in column.outcomes(name).into_iter().filter_map(Result::err) {
                    writeln!(text, "{name}, {}: {why}", column.side)?;
                }
            }
        }
        Ok(())
    }

    fn write_totals(&self, text: &mut String, names: &[&str]) -> std::fmt::Result {
        let real = self.columns.iter().find(|column| column.side == Side::Real);
        for column in &self.columns {
            let count = names.iter().filter(|name| column.passes(name)).count();
            write!(text, "{}: {count} of {} pass", column.side, names.len())?;
            if let Some(real) = real.filter(|_| column.side != Side::Real) {
                let there: Vec<_> = names.iter().filter(|name| real.passes(name)).collect();
                let both = there.iter().filter(|name| column.passes(name)).count();
                write!(text, ", {both} of the {} that pass on kube-apiserver", there.len())?;
            }
            writeln!(text)?;
        }
        Ok(())
    }
}
