//! `kubectl ha list`.

mod row;
mod watching;

use tokio::time::Instant;

pub(crate) use self::row::Row;
use crate::{
    api::{Cluster, Listing},
    cli::{Access, Format, ListOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    holder::Holders,
    lease::Lease,
    observe::Observed,
    output::{LeaseList, Table},
};

/// Lists the Leases that the options name.
pub(crate) async fn run(
    access: &Access,
    options: &ListOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cluster = Cluster::connect(access, console).await?;
    let namespace = (!options.scope.all_namespaces).then(|| cluster.namespace().to_owned());
    let (namespace, selector) = (namespace.as_deref(), options.scope.selector.as_deref());
    if options.watch {
        let (listing, follow) = cluster.follow(namespace, selector, None).await?;
        let (rows, table) = show(&cluster, options, namespace, listing, console).await?;
        return watching::run(&cluster, options, rows, table, follow, console).await;
    }
    let listing = cluster.leases(namespace, selector).await?;
    show(&cluster, options, namespace, listing, console).await?;
    Ok(Exit::Fine)
}

/// Prints the list, and returns its rows, and the table under which further ones stand.
async fn show(
    cluster: &Cluster,
    options: &ListOptions,
    namespace: Option<&str>,
    listing: Listing<Lease>,
    console: &mut Console,
) -> Result<(Vec<Row>, Table), Failure> {
    let found = listing.items.len();
    let rows = rows(cluster, options, namespace, listing, console).await;
    if rows.is_empty() && matches!(options.output, None | Some(Format::Wide)) {
        console.note(cluster.no_leases(&options.scope, found).await);
    }
    let table = print(&rows, options, console)?;
    Ok((rows, table))
}

async fn rows(
    cluster: &Cluster,
    options: &ListOptions,
    namespace: Option<&str>,
    listing: Listing<Lease>,
    console: &mut Console,
) -> Vec<Row> {
    let now = Instant::now();
    let mut leases = listing.items;
    leases.retain(|lease| options.scope.all || !lease.is_heartbeat());
    let holders = match options.output {
        // Names need no Pods.
        Some(Format::Name) => Holders::default(),
        None | Some(Format::Wide | Format::Json | Format::Yaml) => {
            Holders::look_up(cluster, namespace, &leases).await
        }
    };
    if let Some(trouble) = holders.trouble() {
        console.note(format!("`?` means unknown: {trouble}"));
    }
    let row = |lease: Lease| {
        let pod = holders.of(&lease);
        Row::new(Observed::new(lease, now), listing.time, now, pod)
    };
    let mut rows: Vec<Row> = leases.into_iter().map(row).collect();
    row::sort(&mut rows, options.sort_by);
    rows
}

fn print(rows: &[Row], options: &ListOptions, console: &mut Console) -> Result<Table, Failure> {
    let wide = options.output == Some(Format::Wide);
    let namespaces = options.scope.all_namespaces.then_some("NAMESPACE");
    let mut table = Table::new(namespaces.into_iter().chain(row::columns(wide)))
        .with_headers(!options.no_headers);
    if !wide {
        table = table.with_flexible(["NAMESPACE", "NAME", "HOLDER", "NODE"]).with_optional([
            "NODE",
            "RESTARTS",
            "POD",
            "TRANSITIONS",
        ]);
        table = table.with_last("NAMESPACE");
    }
    if options.watch {
        table = table.with_room("SLACK", "run out?".len());
    }
    match options.output {
        None | Some(Format::Wide) if rows.is_empty() => {}
        None | Some(Format::Wide) => {
            for row in rows {
                table.push(row.cells(options.scope.all_namespaces, wide));
            }
            console.table(&table)?;
            return Ok(table.continued());
        }
        Some(Format::Json) if options.watch => {
            rows.iter().try_for_each(|row| console.json(&row.document()))?;
        }
        Some(Format::Json) => {
            console.json(&LeaseList::new(rows.iter().map(Row::document).collect()))?;
        }
        Some(Format::Yaml) if options.watch => {
            rows.iter().try_for_each(|row| console.yaml_document(&row.document()))?;
        }
        Some(Format::Yaml) => {
            console.yaml(&LeaseList::new(rows.iter().map(Row::document).collect()))?;
        }
        Some(Format::Name) => rows.iter().try_for_each(|row| console.line(row.reference()))?,
    }
    Ok(table)
}
