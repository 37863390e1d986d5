//! What is asked for, as a path and a query say it.

/// A probe's path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)] // All of them are served.
pub enum Endpoint {
    /// `/healthz`, the old name of [`Livez`](Self::Livez).
    Healthz,
    /// `/leaderz`: does this replica lead?
    Leaderz,
    /// `/livez`: should this process go on?
    Livez,
    /// `/readyz`: should it be counted on?
    Readyz,
    /// `/startupz`: has it started?
    Startupz,
}

/// What is asked for at a path.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) verbose: bool,
    pub(super) exclude: Vec<String>,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 5] =
        [Self::Healthz, Self::Leaderz, Self::Livez, Self::Readyz, Self::Startupz];

    /// Returns its word: the path without the slash.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Healthz => "healthz",
            Self::Leaderz => "leaderz",
            Self::Livez => "livez",
            Self::Readyz => "readyz",
            Self::Startupz => "startupz",
        }
    }

    /// Takes `/readyz`, or `/readyz/name`.
    pub(super) fn parse(path: &str) -> Option<(Self, Option<String>)> {
        let path = path.strip_prefix('/')?;
        let (word, check) = match path.split_once('/') {
            Some((word, check)) => (word, Some(check).filter(|check| !check.is_empty())),
            None => (path, None),
        };
        let endpoint = Self::ALL.into_iter().find(|endpoint| endpoint.word() == word)?;
        Some((endpoint, check.map(str::to_owned)))
    }
}

impl Query {
    pub(super) fn parse(query: &str) -> Self {
        let mut asked = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "verbose" => asked.verbose = true,
                "exclude" => asked.exclude.push(value.into_owned()),
                _ => {}
            }
        }
        asked
    }
}
