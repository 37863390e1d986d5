//! `compare --migrate`: every route, every case.

use std::{fs, sync::Arc};

use compare::{
    machine,
    migrate::{self, Case, Route, page::Figures},
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::options::Options;

/// Compares the tables of the pages with the code.
pub(crate) fn check(routes: &[Route]) -> Result<(), String> {
    for route in routes {
        migrate::page::check(&read(route)?, route)?;
    }
    println!("docs/migrate/ has the tables that compare/ would write");
    Ok(())
}

/// Runs all, prints the tables, and writes those of routes of which all cases were run.
pub(crate) async fn run(options: &Options, routes: Vec<Route>) -> Result<(), String> {
    let load = machine::load();
    let figures = measure(options, &routes).await;
    let said = format!(
        "Worst of {}, in seconds; {}, seed {}. Machine: {}; load averages {load} at the start, {} at the end.",
        options.repetitions,
        jiff::Timestamp::now().strftime("%Y-%m-%d"),
        options.seed,
        machine::describe(),
        machine::load()
    );
    let mut broken = Vec::new();
    for (route, figures) in routes.iter().zip(&figures) {
        let table = figures.table(&said);
        println!("{}\n\n{table}", route.page);
        if options.cases.len() == Case::ALL.len() {
            let page = migrate::page::write(&read(route)?, &table)?;
            fs::write(file(route), page).map_err(|why| format!("{}: {why}", route.page))?;
        }
        broken.extend(figures.broken(route));
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

async fn measure(options: &Options, routes: &[Route]) -> Vec<Figures> {
    let slots = Arc::new(Semaphore::new(options.jobs));
    let mut cells = JoinSet::new();
    for repetition in 0..options.repetitions {
        for case in options.cases.clone() {
            for (index, route) in routes.iter().cloned().enumerate() {
                let (slots, seed) = (slots.clone(), options.seed.wrapping_add(repetition));
                cells.spawn(async move {
                    let _slot = slots.acquire().await;
                    (index, case, migrate::run(&route, case, seed).await)
                });
            }
        }
    }
    let mut figures = vec![Figures::default(); routes.len()];
    let all = cells.len();
    while let Some(ended) = cells.join_next().await {
        let Ok((index, case, outcome)) = ended else { continue };
        let (done, page) = (all - cells.len(), routes[index].page);
        match &outcome {
            Ok(outcome) => eprintln!(
                "{done}/{all} {page}, {}: two {:.3} s, none {:.3} s, {} changes",
                case.name(),
                outcome.believers.two,
                outcome.believers.none,
                outcome.changes
            ),
            Err(why) => eprintln!("{done}/{all} {page}, {}: {why}", case.name()),
        }
        figures[index].add(case, outcome);
    }
    figures
}

fn read(route: &Route) -> Result<String, String> {
    fs::read_to_string(file(route)).map_err(|why| format!("{}: {why}", route.page))
}

fn file(route: &Route) -> std::path::PathBuf {
    crate::folder().join("../docs/migrate").join(route.page)
}
