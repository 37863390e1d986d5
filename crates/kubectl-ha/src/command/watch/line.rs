//! How events are told: as lines for people, or as JSON.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::Key;
use crate::{
    cli::WatchOptions,
    console::{Console, Line, Style},
    failure::Failure,
    output::SCHEMA,
    say,
    track::What,
};

/// Tells events, one per line.
pub(super) struct Teller<'a> {
    console: &'a mut Console,
    json: bool,
    transitions: bool,
    /// Only one Lease is watched, so that its name is not repeated.
    alone: bool,
    width: usize,
    /// When something of a Lease was told last.
    last: BTreeMap<Key, Instant>,
    away: Option<Instant>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(options: &WatchOptions, alone: bool, console: &'a mut Console) -> Self {
        Self {
            console,
            json: options.output.is_some(),
            transitions: options.transitions,
            alone,
            width: 0,
            last: BTreeMap::new(),
            away: None,
        }
    }

    /// Makes the column of names as wide as these are.
    pub(super) fn make_room(&mut self, keys: impl Iterator<Item = Key>) {
        self.width = keys.map(|key| full_name(&key).chars().count()).max().unwrap_or(0).min(WIDEST);
    }

    pub(super) fn tell(&mut self, key: &Key, what: &What, now: Instant) -> Result<(), Failure> {
        if self.transitions && what.is_renewal() {
            return Ok(());
        }
        let last = self.last.insert(key.clone(), now);
        let since = last.map(|last| now.saturating_duration_since(last)).unwrap_or_default();
        if self.json {
            return self.object(Some(key), what.name(), since, say::fields(what));
        }
        let name = if self.alone { String::new() } else { full_name(key) };
        self.width = self.width.max(name.chars().count().min(WIDEST));
        let (word, style) = say::word(what);
        self.line(&name, since, (word, style), &say::sentence(what))
    }

    pub(super) fn away(&mut self, why: &str, now: Instant) -> Result<(), Failure> {
        self.away = Some(now);
        let why = why.lines().next().unwrap_or_default();
        if self.json {
            return self.object(
                None,
                "server-away",
                Duration::ZERO,
                fields(json!({ "message": why })),
            );
        }
        self.line("", Duration::ZERO, ("away", Style::Bad), &format!("{why}; asking again"))
    }

    pub(super) fn back(&mut self, now: Instant) -> Result<(), Failure> {
        let since =
            self.away.take().map(|away| now.saturating_duration_since(away)).unwrap_or_default();
        if self.json {
            return self.object(None, "server-back", since, Map::new());
        }
        self.line("", since, ("back", Style::Good), say::BACK)
    }

    pub(super) fn note(&mut self, words: &str) {
        self.console.note(words);
    }

    fn line(
        &mut self,
        name: &str,
        since: Duration,
        (word, style): (&str, Style),
        words: &str,
    ) -> Result<(), Failure> {
        let now = (self.console.clock)().strftime("%H:%M:%S%.3fZ").to_string();
        let since = if since.is_zero() { String::new() } else { format!("+{}", say::time(since)) };
        let mut line = Line::default().with(Style::Dim, format!("{now} {since:>8}  "));
        if !self.alone {
            let width = self.width;
            line = line.with(Style::Strong, format!("{name:width$}  "));
        }
        let dim = style == Style::Dim;
        let line = line
            .with(style, format!("{word:11}  "))
            .with(if dim { Style::Dim } else { Style::Plain }, words);
        self.console.line(line)
    }

    fn object(
        &mut self,
        key: Option<&Key>,
        event: &str,
        since: Duration,
        more: Map<String, Value>,
    ) -> Result<(), Failure> {
        let mut object = fields(json!({
            "apiVersion": SCHEMA,
            "kind": "LeaseEvent",
            "time": (self.console.clock)().to_string(),
            "namespace": key.map(|key| &key.0),
            "name": key.map(|key| &key.1),
            "event": event,
            "sinceLastSeconds": since.as_secs_f64(),
        }));
        object.extend(more);
        self.console.json_line(&object)
    }
}

fn full_name((namespace, name): &Key) -> String {
    format!("{namespace}/{name}")
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// No column of names is wider.
const WIDEST: usize = 60;
