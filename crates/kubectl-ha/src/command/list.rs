//! `kubectl ha list`.

mod row;

use tokio::time::Instant;

use self::row::Row;
use crate::{
    api::Cluster,
    cli::{Access, Format, ListOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    observe::Observed,
    output::{SCHEMA, Table},
};

/// Lists the Leases that the options name.
pub(crate) async fn run(
    access: &Access,
    options: &ListOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cluster = Cluster::connect(access, console).await?;
    let namespace = (!options.all_namespaces).then(|| cluster.namespace().to_owned());
    let listing = cluster.leases(namespace.as_deref(), options.selector.as_deref()).await?;
    let now = Instant::now();
    let mut rows: Vec<Row> = listing
        .items
        .into_iter()
        .filter(|lease| options.all || !lease.is_heartbeat())
        .map(|lease| Row::new(Observed::new(lease, now), listing.time, now))
        .collect();
    row::sort(&mut rows, options.sort_by);
    match options.output {
        None | Some(Format::Wide) => table(&rows, options, console)?,
        Some(Format::Json) => console.json(&document(&rows))?,
        Some(Format::Yaml) => console.yaml(&document(&rows))?,
        Some(Format::Name) => {
            for row in &rows {
                console.line(format!("lease.coordination.k8s.io/{}", row.lease().name))?;
            }
        }
    }
    Ok(Exit::Fine)
}

fn table(rows: &[Row], options: &ListOptions, console: &mut Console) -> Result<(), Failure> {
    if rows.is_empty() {
        console.note(if options.all_namespaces {
            "No Leases found."
        } else {
            "No Leases found in this namespace; -A looks in all."
        });
        return Ok(());
    }
    let namespaces = options.all_namespaces.then_some("NAMESPACE");
    let wide = options.output == Some(Format::Wide);
    let mut table = Table::new(namespaces.into_iter().chain(row::columns(wide)))
        .with_headers(!options.no_headers)
        .with_flexible(["NAMESPACE", "NAME", "HOLDER"]);
    for row in rows {
        table.push(row.cells(options.all_namespaces, wide));
    }
    console.table(&table)
}

fn document(rows: &[Row]) -> serde_json::Value {
    let items: Vec<_> = rows.iter().map(Row::json).collect();
    serde_json::json!({ "apiVersion": SCHEMA, "kind": "LeaseList", "items": items })
}
