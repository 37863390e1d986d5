//! What a probe asks for: its path and its query.

/// The path of a probe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "all of them are served")]
pub enum Endpoint {
    /// `/healthz`, the old name of [`Livez`](Self::Livez).
    Healthz,
    /// `/leaderz`: whether this replica leads.
    Leaderz,
    /// `/livez`: whether this process should go on, or be restarted.
    Livez,
    /// `/readyz`: whether this process can do its work.
    Readyz,
    /// `/startupz`: whether this process has started.
    Startupz,
}

/// The options of a probe.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) verbose: bool,
    pub(super) exclude: Vec<String>,
}

impl Endpoint {
    pub(crate) const ALL: [Self; 5] =
        [Self::Healthz, Self::Leaderz, Self::Livez, Self::Readyz, Self::Startupz];

    /// Returns the path without its slash: `readyz`.
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

    /// Parses `/readyz` or `/readyz/name`.
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
