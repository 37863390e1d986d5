//! `compare --migrate`: every route, every case.

use std::{fs, sync::Arc};

use compare::{
    machine,
    migrate::{self, Case, Route, page::Figures},
    server::Server,
};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{options::Options, servers::Running};

/// Compares the tables of the pages with the code.
pub(crate) fn check(routes: &[Route]) -> Result<(), String> {
    for routes in migrate::pages(routes) {
        migrate::page::check(&read(&routes[0])?, routes)?;
    }
    println!("docs/migrate/ has the tables that compare/ would write");
    Ok(())
}

/// Runs all, prints the tables, and writes those of routes of which all cases were run on the server of the pages.
pub(crate) async fn run(
    options: &Options,
    running: &Running,
    routes: Vec<Route>,
) -> Result<(), String> {
    let load = machine::load();
    let figures = measure(options, &running.server, &routes).await;
    let measured: Vec<_> = routes.into_iter().zip(figures).collect();
    let said = format!(
        "Worst of {}, in seconds; {}, seed {}. Machine: {}; load averages {load} at the start, {} at the end.",
        options.repetitions,
        jiff::Timestamp::now().strftime("%Y-%m-%d"),
        options.seed,
        machine::describe(),
        machine::load()
    );
    for measured in measured.chunk_by(|(one, _), (next, _)| one.page == next.page) {
        let (table, route) = (migrate::page::table(&said, measured), &measured[0].0);
        println!("{}\n\n{table}", route.page);
        let is_of_pages = matches!(running.server, Server::Test);
        if is_of_pages && options.cases.len() == Case::ALL.len() {
            let page = migrate::page::write(&read(route)?, &table)?;
            fs::write(file(route), page).map_err(|why| format!("{}: {why}", route.page))?;
        }
    }
    let broken: Vec<_> =
        measured.iter().flat_map(|(route, figures)| figures.broken(route)).collect();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

async fn measure(options: &Options, server: &Server, routes: &[Route]) -> Vec<Figures> {
    let slots = Arc::new(Semaphore::new(options.jobs));
    let mut cells = JoinSet::new();
    for repetition in 0..options.repetitions {
        for case in options.cases.clone() {
            for (index, route) in routes.iter().cloned().enumerate() {
                let (slots, server) = (slots.clone(), server.clone());
                let seed = options.seed.wrapping_add(repetition);
                cells.spawn(async move {
                    let _slot = slots.acquire().await;
                    (index, case, migrate::run(&server, &route, case, seed).await)
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
            Ok(outcome) => eprintln!("{done}/{all} {page}, {}: {outcome}", case.name()),
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
