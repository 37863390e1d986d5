//! Whether the server is alive and ready: it is, from its start to its end.

use std::{collections::BTreeSet, fmt::Write};

use http::{HeaderValue, Response, StatusCode, header};

use super::text;
use crate::{request::query::Query, server::ResponseBody, status::Rejection};

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Probe {
    Healthz,
    Livez,
    Readyz,
}

impl Probe {
    pub(super) const ALL: [Self; 3] = [Self::Healthz, Self::Livez, Self::Readyz];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|probe| probe.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Healthz => "healthz",
            Self::Livez => "livez",
            Self::Readyz => "readyz",
        }
    }

    /// Those of kube-apiserver without its hooks: nothing here needs to be started.
    pub(super) fn checks(self) -> &'static [&'static str] {
        match self {
            Self::Healthz | Self::Livez => &["ping", "log", "etcd"],
            Self::Readyz => &["ping", "log", "etcd", "etcd-readiness", "informer-sync", "shutdown"],
        }
    }

    /// `check` is what follows the name of the probe in the path.
    pub(super) fn answer(
        self,
        check: Option<&str>,
        query: Option<&str>,
    ) -> Result<Response<ResponseBody>, Rejection> {
        if let Some(check) = check {
            if !self.checks().contains(&check) {
                return Err(Rejection::page_not_found());
            }
            return Ok(text(StatusCode::OK, "ok".into()));
        }
        let query = Query::parse(query.unwrap_or_default());
        let body = if query.first("verbose").is_some() { self.report(&query) } else { "ok".into() };
        let mut response = text(StatusCode::OK, body);
        let no_guess = HeaderValue::from_static("nosniff");
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, no_guess);
        Ok(response)
    }

    fn report(self, query: &Query) -> String {
        let mut excluded: BTreeSet<&str> = query.all("exclude").collect();
        let mut report = String::new();
        for check in self.checks() {
            let how = if excluded.remove(check) { "excluded: ok" } else { "ok" };
            _ = writeln!(report, "[+]{check} {how}");
        }
        if !excluded.is_empty() {
            let unknown: Vec<String> = excluded.iter().map(|name| format!("{name:?}")).collect();
            let unknown = unknown.join(",");
            _ = writeln!(
                report,
                "warn: some health checks cannot be excluded: no matches for {unknown}"
            );
        }
        _ = writeln!(report, "{} check passed", self.name());
        report
    }
}
