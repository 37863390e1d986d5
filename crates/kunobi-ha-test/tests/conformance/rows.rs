//! Reads files of requests. `rows/README.md` says how they are written.

use http::Method;

/// All requests of a file.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// What each server needs first.
    pub(crate) preamble: Vec<Row>,
    pub(crate) groups: Vec<Group>,
}

/// Requests that follow each other, in a namespace of their own.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
}

/// One request.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) purpose: Purpose,
    /// Who sends it; none: a client that may do everything.
    pub(crate) client: Option<String>,
    /// The line as it is in the file.
    pub(crate) title: String,
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// The answer is compared.
    Compare,
    /// The answer is known to differ, for this reason.
    Differ(String),
    /// It prepares others, and must succeed.
    Setup,
    /// It is repeated until it succeeds.
    Await,
}

impl Table {
    pub(crate) fn parse(text: &str) -> Self {
        let mut table = Self::default();
        let mut difference = None;
        let text = with_values(text);
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix("== ") {
                table.groups.push(Group { name: name.into(), rows: Vec::new() });
                continue;
            }
            if let Some(reason) = line.strip_prefix("differs: ") {
                difference = Some(reason.into());
                continue;
            }
            let mut row = Row::parse(line, difference.take());
            while let Some(line) = lines.next_if(|line| !line.is_empty()) {
                row.add(line);
            }
            match table.groups.last_mut() {
                Some(group) => group.rows.push(row),
                None => table.preamble.push(row),
            }
        }
        table
    }
}

/// Replaces the names that `let` gives to parts of bodies.
fn with_values(text: &str) -> String {
    let (values, mut rest): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    let mut values: Vec<(String, String)> = values;
    for line in text.lines() {
        match line.strip_prefix("let ").and_then(|line| line.split_once(' ')) {
            Some((name, value)) => values.push((format!("${name}"), value.into())),
            None => rest.push(line),
        }
    }
    values.iter().fold(rest.join("\n"), |text, (name, value)| text.replace(name, value))
}

impl Row {
    fn parse(line: &str, difference: Option<String>) -> Self {
        let (purpose, request) = match line.split_once(' ') {
            Some(("setup", request)) => (Purpose::Setup, request),
            Some(("await", request)) => (Purpose::Await, request),
            _ => (difference.map_or(Purpose::Compare, Purpose::Differ), line),
        };
        let title = request;
        let (client, request) = match request.strip_prefix("as ") {
            Some(rest) => rest.split_once(' ').map(|(name, rest)| (Some(name.into()), rest)),
            None => Some((None, request)),
        }
        .expect("a client and a request");
        let (verb, target) = request.split_once(' ').expect("a method and a path");
        let (method, format) = match verb.split_once(':') {
            Some((method, "apply")) => (method, "application/apply-patch+yaml"),
            Some((method, "json")) => (method, "application/json-patch+json"),
            Some((method, "merge")) => (method, "application/merge-patch+json"),
            Some((method, "strategic")) => (method, "application/strategic-merge-patch+json"),
            Some((_, other)) => panic!("{other} is no kind of patch: {line}"),
            None => (verb, "application/json"),
        };
        Self {
            purpose,
            client,
            title: title.into(),
            method: method.parse().expect("a method"),
            target: target.into(),
            headers: vec![
                ("Content-Type".into(), format.into()),
                ("User-Agent".into(), "rows/1".into()),
            ],
            body: String::new(),
        }
    }

    /// Whether it waits for changes, and makes none.
    pub(crate) fn is_watch(&self) -> bool {
        self.method == Method::GET && self.target.contains("watch")
    }

    fn add(&mut self, line: &str) {
        if let Some(header) = line.strip_prefix("> ") {
            let (name, value) = header.split_once(':').expect("a header");
            self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            if !value.trim().is_empty() {
                self.headers.push((name.into(), value.trim().into()));
            }
        } else {
            self.body.push_str(line);
            self.body.push('\n');
        }
    }
}
