//! The table of a page of `docs/migrate/`.

use std::collections::BTreeMap;

use super::{Case, Route};
use crate::{
    cell::Outcome,
    page::{replace, seconds},
    sample::Sample,
};

/// What a library came to, by the name of the case.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    cases: BTreeMap<&'static str, Row>,
}

#[derive(Clone, Debug, Default)]
struct Row {
    two: Sample,
    none: Sample,
    failure: Option<String>,
}

impl Figures {
    /// Adds a repetition.
    pub fn add(&mut self, case: Case, outcome: Result<Outcome, String>) {
        let row = self.cases.entry(case.name()).or_default();
        match outcome {
            Ok(outcome) => {
                row.two.add(outcome.believers.two);
                row.none.add(outcome.believers.none);
            }
            Err(why) => row.failure = Some(why),
        }
    }

    /// What was promised, and is not so.
    #[must_use]
    pub fn broken(&self, route: &Route) -> Vec<String> {
        let promised = Case::ALL.into_iter().filter(|case| case.is_promised(&route.theirs));
        promised
            .filter_map(|case| {
                let row = self.cases.get(case.name())?;
                let what = match row.two.worst() {
                    Some(0.0) => return None,
                    Some(two) => format!("two believers for {two:.3} s"),
                    None => row.failure.clone().unwrap_or_default(),
                };
                Some(format!("{}, {}: {what}", route.page, case.name()))
            })
            .collect()
    }

    /// The table.
    #[must_use]
    pub fn table(&self, said: &str) -> String {
        let mut text = format!("{said}\n\n| what happens | two believers | nobody leads |\n");
        text += "| --- | ---: | ---: |\n";
        for case in Case::ALL {
            let row = self.cases.get(case.name());
            let worst = |sample: fn(&Row) -> &Sample| {
                seconds(row.and_then(|row| sample(row).worst())).unwrap_or_else(|| "–".to_owned())
            };
            text += &format!(
                "| {} | {} | {} |\n",
                case.name(),
                worst(|row| &row.two),
                worst(|row| &row.none)
            );
        }
        text
    }
}

/// The page with another table.
pub fn write(page: &str, table: &str) -> Result<String, String> {
    replace(page, table)
}

/// Whether the page has a row for each case, and a zero where it promises that no two lead.
pub fn check(page: &str, route: &Route) -> Result<(), String> {
    for case in Case::ALL {
        let begin = format!("| {} | ", case.name());
        let row = page.lines().find_map(|line| line.strip_prefix(&begin));
        let row = row.ok_or_else(|| format!("{} has no row {:?}", route.page, case.name()))?;
        if case.is_promised(&route.theirs) && !row.starts_with("0 |") {
            return Err(format!("{} promises what {:?} does not show", route.page, case.name()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{belief::Believers, migrate::routes, peer};

    #[test]
    fn a_promise_that_does_not_hold_is_told() {
        let routes = routes(&peer::all(Path::new(".")));
        assert_eq!(routes.len(), 5);
        let mut figures = Figures::default();
        for (case, two) in [(Case::OursCrashes, 0.25), (Case::TheirsCutOff, 9.0)] {
            figures.add(case, Ok(Outcome { believers: Believers { two, none: 1.0 }, changes: 1 }));
        }
        figures.add(Case::Back, Err("it did not start".to_owned()));
        let client_go = routes.iter().find(|route| route.page == "client-go.md").unwrap();
        assert_eq!(
            figures.broken(client_go),
            [
                "client-go.md, rolling update back: it did not start",
                "client-go.md, our leader is killed: two believers for 0.250 s",
            ]
        );
        let table = figures.table("Run.");
        assert!(table.contains("| our leader is killed | 0.2 | 1 |"), "{table}");
        assert!(check(&table, client_go).unwrap_err().contains("promises"));
    }
}
