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

    /// What was promised and is not so, and what nothing could be measured of.
    #[must_use]
    pub fn broken(&self, route: &Route) -> Vec<String> {
        let told = |case: &Case| {
            let row = self.cases.get(case.name())?;
            let what = match row.two.worst() {
                Some(two) if two > 0.0 && case.is_promised(route) => {
                    format!("two believers for {two:.3} s")
                }
                Some(_) => return None,
                // Not each clock can be changed from outside.
                None if case.skew().is_some() && !case.is_promised(route) => return None,
                None => row.failure.clone().unwrap_or_default(),
            };
            Some(format!("{}, {}: {what}", route.page, case.name()))
        };
        Case::ALL.iter().filter_map(told).collect()
    }

    fn cell(&self, case: Case, sample: fn(&Row) -> &Sample) -> String {
        let row = self.cases.get(case.name());
        seconds(row.and_then(|row| sample(row).worst())).unwrap_or_else(|| "–".to_owned())
    }
}

/// The table of a page, with two columns for each of its routes.
#[must_use]
pub fn table(said: &str, measured: &[(Route, Figures)]) -> String {
    let mut text = format!("{said}\n\n{}\n", head(measured.iter().map(|(route, _)| route)));
    text += &format!("| --- |{}\n", " ---: | ---: |".repeat(measured.len()));
    for case in Case::ALL {
        text += &format!("| {} |", case.name());
        for (_, figures) in measured {
            let (two, none) =
                (figures.cell(case, |row| &row.two), figures.cell(case, |row| &row.none));
            text += &format!(" {two} | {none} |");
        }
        text.push('\n');
    }
    text
}

fn head<'a>(routes: impl Iterator<Item = &'a Route>) -> String {
    let columns = routes.map(|route| {
        let setting = route.setting.words().map(|words| format!(", {words}")).unwrap_or_default();
        format!(" two believers{setting} | nobody leads{setting} |")
    });
    format!("| what happens |{}", columns.collect::<String>())
}

/// The page with another table.
pub fn write(page: &str, table: &str) -> Result<String, String> {
    replace(page, table)
}

/// Whether the page has these columns, a row for each case, and a zero where it promises that no two lead.
pub fn check(page: &str, routes: &[Route]) -> Result<(), String> {
    let [route, ..] = routes else { return Ok(()) };
    let head = head(routes.iter());
    if !page.lines().any(|line| line == head) {
        return Err(format!("{} has no table that begins with {head:?}", route.page));
    }
    for case in Case::ALL {
        let begin = format!("| {} | ", case.name());
        let row = page.lines().find_map(|line| line.strip_prefix(&begin));
        let row = row.ok_or_else(|| format!("{} has no row {:?}", route.page, case.name()))?;
        if case.is_promised(route) && !row.starts_with("0 |") {
            return Err(format!("{} promises what {:?} does not show", route.page, case.name()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        belief::Believers,
        migrate::{pages, routes},
        peer,
    };

    #[test]
    fn a_promise_that_does_not_hold_is_told() {
        let routes = routes(&peer::all(Path::new(".")));
        assert_eq!(pages(&routes).count(), 5);
        let mut figures = Figures::default();
        for (case, two) in [(Case::OursCrashes, 0.25), (Case::TheirsCutOff, 9.0)] {
            figures.add(case, Ok(Outcome { believers: Believers { two, none: 1.0 }, changes: 1 }));
        }
        figures.add(Case::Back, Err("it did not start".to_owned()));
        let client_go: Vec<_> = routes.into_iter().filter(|it| it.page == "client-go.md").collect();
        assert_eq!(
            figures.broken(&client_go[0]),
            [
                "client-go.md, rolling update back: it did not start",
                "client-go.md, our leader is killed: two believers for 0.250 s",
            ]
        );
        let broken = figures.broken(&client_go[1]);
        assert_eq!(broken, ["client-go.md, rolling update back: it did not start"], "no promise");
        let measured = client_go.iter().cloned().zip([figures, Figures::default()]);
        let table = table("Run.", &measured.collect::<Vec<_>>());
        assert!(table.contains("| our leader is killed | 0.2 | 1 | – | – |"), "{table}");
        assert!(check(&table, &client_go).unwrap_err().contains("promises"));
        assert!(check(&table, &client_go[..1]).unwrap_err().contains("begins with"));
    }
}
