//! The page: what the server holds and does, for people.

mod faults;
mod html;
mod overview;

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use self::{
    faults::Disturbance,
    html::{Cell, Html, Table},
    overview::Overview,
};
use super::ask;
use crate::{
    log::OpenWatch,
    matcher::Subject,
    server::{ResponseBody, TestServer, answer, sequence::Line},
    types,
};

impl TestServer {
    /// Loaded again after so many seconds.
    pub(super) fn page(&self, refresh: Option<u64>) -> Response<ResponseBody> {
        let html = document(&self.overview(), refresh);
        let mut response = answer::bytes(StatusCode::OK, Bytes::from(html));
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn document(overview: &Overview, refresh: Option<u64>) -> String {
    let mut html = Html::default();
    html.markup("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    if let Some(seconds) = refresh {
        html.markup("<meta http-equiv=\"refresh\" content=\"").text(seconds).markup("\">\n");
    }
    html.markup("<title>kunobi-ha-test</title>\n<style>\n").markup(STYLE);
    html.markup("</style>\n</head>\n<body>\n<header>\n<h1>kunobi-ha-test</h1>\n");
    reload(&mut html, refresh);
    html.markup("</header>\n<main>\n");
    figures(&mut html, overview);
    html.table(&objects(overview));
    html.table(&watches(overview));
    html.table(&disturbances(overview));
    html.table(&requests(overview));
    html.markup("</main>\n<footer>\n<p>As JSON: ");
    let is_whole = |row: &&ask::Row| row.method == "GET" && !row.path.contains(ask::CLIENT);
    for row in ask::ROWS.iter().filter(is_whole) {
        if let Some(name) = row.path.strip_prefix(ask::ROOT).and_then(|rest| rest.strip_prefix('/'))
        {
            html.link(row.path, name).markup(" ");
        }
    }
    html.markup("</p>\n</footer>\n</body>\n</html>\n");
    html.into_text()
}

/// How often the page is loaded again.
fn reload(html: &mut Html, refresh: Option<u64>) {
    html.markup("<nav aria-label=\"Reload\">Reload ");
    for (seconds, name, path) in [
        (None, "by hand", ask::ROOT),
        (Some(2), "every 2 s", "/_ha?refresh=2"),
        (Some(10), "every 10 s", "/_ha?refresh=10"),
    ] {
        if seconds == refresh {
            html.markup("<strong>").text(name).markup("</strong> ");
        } else {
            html.link(path, name).markup(" ");
        }
    }
    html.markup("</nav>\n");
}

fn figures(html: &mut Html, overview: &Overview) {
    html.markup("<dl>\n");
    for (name, value) in [
        ("Version", env!("CARGO_PKG_VERSION").to_owned()),
        ("Kubernetes", types::release().to_owned()),
        ("Up for", duration(overview.up_us)),
        ("Version of the store", overview.version.to_string()),
        ("Objects", overview.counts.iter().map(|counted| counted.count).sum::<usize>().to_string()),
        ("Requests", overview.asked.to_string()),
        ("Writes", overview.written.to_string()),
    ] {
        html.markup("<div><dt>").text(name).markup("</dt><dd>").text(value).markup("</dd></div>\n");
    }
    html.markup("</dl>\n");
}

fn objects(overview: &Overview) -> Table {
    let rows = overview.counts.iter().map(|counted| {
        let to = format!("/_ha/objects?resource={}", escaped(&counted.resource));
        vec![Cell::Link { to, text: counted.resource.clone() }, Cell::number(counted.count)]
    });
    Table {
        id: "objects",
        title: "Objects",
        caption: "How many objects of each type are stored; a link leads to their names",
        none: "Nothing is stored.",
        columns: &["Type", "Objects"],
        rows: rows.collect(),
    }
}

fn watches(overview: &Overview) -> Table {
    let row = |watch: &OpenWatch| {
        let subject = Subject::of_watch(watch);
        let parameters = subject.parameters();
        let what = if parameters.is_empty() {
            subject.to_string()
        } else {
            format!("{subject} ?{parameters}")
        };
        let open_us = overview.up_us.saturating_sub(watch.at_us);
        let fault = watch.fault.as_ref().map(ToString::to_string);
        let state = match (watch.is_stalled, fault) {
            (true, Some(fault)) => format!("nothing comes ({fault})"),
            (true, None) => "nothing comes (cut off)".into(),
            (false, Some(fault)) => format!("open, until {fault}"),
            (false, None) => "open".into(),
        };
        vec![
            Cell::Text(watch.client.clone()),
            Cell::Text(what),
            Cell::Number(duration(open_us)),
            Cell::number(watch.events),
            Cell::number(watch.version),
            Cell::Text(state),
        ]
    };
    Table {
        id: "watches",
        title: "Watches",
        caption: "The watches that are open, oldest first",
        none: "No watch is open.",
        columns: &["Client", "What", "Open for", "Events", "Version", "State"],
        rows: overview.watches.iter().map(row).collect(),
    }
}

fn disturbances(overview: &Overview) -> Table {
    let mut rows = Vec::new();
    for (client, faults) in &overview.clients {
        for Disturbance { text, hits } in faults {
            let hits = hits.map_or_else(|| Cell::Text(String::new()), Cell::number);
            rows.push(vec![Cell::Text(client.clone()), Cell::Text(text.clone()), hits]);
        }
    }
    Table {
        id: "faults",
        title: "Faults",
        caption: "What goes wrong for which client, and how often its rules have hit",
        none: "No client has faults.",
        columns: &["Client", "Fault", "Hits"],
        rows,
    }
}

fn requests(overview: &Overview) -> Table {
    let row = |line: Line| {
        vec![
            Cell::Number(duration(line.at_us)),
            Cell::Text(line.client),
            Cell::Text(line.what),
            Cell::Text(line.outcome),
        ]
    };
    Table {
        id: "requests",
        title: "Requests",
        caption: "The last requests, newest first, at most 50",
        none: "None has come yet, or none is kept.",
        columns: &["At", "Client", "Request", "Answer"],
        rows: overview.requests.iter().map(Line::of_request).map(row).collect(),
    }
}

/// `1:02:03.456`, or `3.456 s` below a minute.
fn duration(micros: u64) -> String {
    let (seconds, millis) = (micros / 1_000_000, micros / 1_000 % 1_000);
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}.{millis:03} s"),
        (0, _) => format!("{minutes}:{:02}.{millis:03}", seconds % 60),
        (_, _) => format!("{hours}:{:02}:{:02}.{millis:03}", minutes % 60, seconds % 60),
    }
}

/// A text as the value of a parameter.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            escaped.push(byte.into());
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// The page has styles of its own, and loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("page/style.css");
