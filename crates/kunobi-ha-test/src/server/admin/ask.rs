//! What may be asked of `/_ha`: one table, and nothing besides it.

mod sent;

use std::collections::BTreeMap;

use http::request::Parts;

pub(super) use self::sent::Parameter;
use self::sent::Sent;
use crate::{
    fault::Faults,
    request::{
        body::Received,
        query::{Part, unescape},
    },
    status::Rejection,
};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ask {
    /// Loaded again after so many seconds.
    Page {
        refresh: Option<u64>,
    },
    AllFaults,
    Faults {
        client: String,
    },
    SetFaults {
        client: String,
        faults: Box<Faults>,
    },
    Heal {
        client: String,
    },
    Requests {
        since: u64,
    },
    History {
        since: u64,
    },
    Watches,
    Objects {
        resource: Option<String>,
        namespace: Option<String>,
    },
    Compact,
}

/// Why something is not asked.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) rejection: Rejection,
    /// The methods that the path has, if it lacks the one of the request.
    pub(super) allowed: Option<String>,
}

/// What may be asked with one method of one path.
pub(super) struct Row {
    pub(super) method: &'static str,
    /// `CLIENT` stands for the rest of a path: the name of a client.
    pub(super) path: &'static str,
    pub(super) parameters: &'static [Parameter],
    pub(super) takes_body: bool,
    ask: fn(&Sent) -> Result<Ask, Rejection>,
}

pub(super) fn read(parts: &Parts, body: &Received) -> Result<Ask, Box<Refusal>> {
    let path = parts.uri.path();
    let rows: Vec<(&Row, &str)> =
        ROWS.iter().filter_map(|row| Some((row, row.client(path)?))).collect();
    if rows.is_empty() {
        return Err(no_such_path(path).into());
    }
    let method = parts.method.as_str();
    let asked = if method == "HEAD" { "GET" } else { method };
    let Some((row, client)) = rows.iter().find(|(row, _)| row.method == asked) else {
        return Err(Box::new(Refusal::of_method(method, path, &rows)));
    };
    Ok(row.read(client, parts.uri.query().unwrap_or_default(), body)?)
}

impl Row {
    /// The client that a path names, if it is one of this row; empty if this row is of no client.
    fn client<'a>(&self, path: &'a str) -> Option<&'a str> {
        match self.path.strip_suffix(CLIENT) {
            Some(start) => path.strip_prefix(start).filter(|client| !client.is_empty()),
            None => (path.strip_suffix('/').unwrap_or(path) == self.path).then_some(""),
        }
    }

    fn read(&self, client: &str, query: &str, body: &Received) -> Result<Ask, Rejection> {
        let Some(client) = unescape(client, Part::Path) else {
            let why =
                format!("{client:?} is no client: a % is not followed by two hexadecimal digits");
            return Err(Rejection::bad_request(why));
        };
        let values = self.values(query)?;
        let body = body.as_ref().map_err(Clone::clone)?;
        if !self.takes_body && !body.is_empty() {
            let why = format!("{} {} takes no body: leave it out", self.method, self.path);
            return Err(Rejection::bad_request(why));
        }
        (self.ask)(&Sent { client, values, body })
    }

    fn values(&self, query: &str) -> Result<BTreeMap<Parameter, String>, Rejection> {
        let mut values = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) =
                (unescape(name, Part::Query), unescape(value, Part::Query))
            else {
                let why = format!("{pair:?}: a % is not followed by two hexadecimal digits");
                return Err(Rejection::bad_request(why));
            };
            let parameter = self.parameters.iter().find(|parameter| parameter.name() == name);
            let parameter = *parameter.ok_or_else(|| self.no_such_parameter(&name))?;
            if values.insert(parameter, value).is_some() {
                let why = format!("the parameter {name:?} is stated twice");
                return Err(Rejection::bad_request(why));
            }
        }
        Ok(values)
    }

    fn no_such_parameter(&self, name: &str) -> Rejection {
        let known: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name()).collect();
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        let Self { method, path, .. } = self;
        Rejection::bad_request(format!("no such parameter: {name:?}; {method} {path} has {known}"))
    }
}

impl From<Rejection> for Box<Refusal> {
    fn from(rejection: Rejection) -> Self {
        Self::new(Refusal { rejection, allowed: None })
    }
}

impl Refusal {
    fn of_method(method: &str, path: &str, rows: &[(&Row, &str)]) -> Self {
        let mut allowed = Vec::new();
        for (row, _) in rows {
            allowed.push(row.method);
            if row.method == "GET" {
                allowed.push("HEAD");
            }
        }
        let allowed = allowed.join(", ");
        let why = format!("{path} has no method {method}; it has {allowed}");
        Self { rejection: Rejection::no_such_method(why), allowed: Some(allowed) }
    }
}

fn no_such_path(path: &str) -> Rejection {
    let mut known: Vec<&str> = ROWS.iter().map(|row| row.path).collect();
    known.dedup();
    Rejection::no_such_page(format!("no such path: {path:?}; there are {}", known.join(", ")))
}

pub(super) const ROWS: [Row; 10] = [
    Row {
        method: "GET",
        path: ROOT,
        parameters: &[Parameter::Refresh],
        takes_body: false,
        ask: |sent| Ok(Ask::Page { refresh: sent.refresh()? }),
    },
    Row {
        method: "GET",
        path: "/_ha/faults",
        parameters: &[],
        takes_body: false,
        ask: |_| Ok(Ask::AllFaults),
    },
    Row {
        method: "GET",
        path: "/_ha/faults/CLIENT",
        parameters: &[],
        takes_body: false,
        ask: |sent| Ok(Ask::Faults { client: sent.client() }),
    },
    Row {
        method: "PUT",
        path: "/_ha/faults/CLIENT",
        parameters: &[],
        takes_body: true,
        ask: |sent| Ok(Ask::SetFaults { client: sent.client(), faults: sent.faults()? }),
    },
    Row {
        method: "DELETE",
        path: "/_ha/faults/CLIENT",
        parameters: &[],
        takes_body: false,
        ask: |sent| Ok(Ask::Heal { client: sent.client() }),
    },
    Row {
        method: "GET",
        path: "/_ha/requests",
        parameters: &[Parameter::Since],
        takes_body: false,
        ask: |sent| Ok(Ask::Requests { since: sent.since()? }),
    },
    Row {
        method: "GET",
        path: "/_ha/history",
        parameters: &[Parameter::Since],
        takes_body: false,
        ask: |sent| Ok(Ask::History { since: sent.since()? }),
    },
    Row {
        method: "GET",
        path: "/_ha/watches",
        parameters: &[],
        takes_body: false,
        ask: |_| Ok(Ask::Watches),
    },
    Row {
        method: "GET",
        path: "/_ha/objects",
        parameters: &[Parameter::Resource, Parameter::Namespace],
        takes_body: false,
        ask: |sent| {
            let resource = sent.name(Parameter::Resource)?;
            Ok(Ask::Objects { resource, namespace: sent.name(Parameter::Namespace)? })
        },
    },
    Row {
        method: "POST",
        path: "/_ha/compact",
        parameters: &[],
        takes_body: false,
        ask: |_| Ok(Ask::Compact),
    },
];

pub(super) const ROOT: &str = "/_ha";
pub(super) const CLIENT: &str = "CLIENT";
