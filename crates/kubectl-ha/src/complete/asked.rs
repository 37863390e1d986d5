//! What is asked for, from the words before it.

use clap::{Arg, Command};

use crate::cli::{Access, LeaseName};

/// What can stand in the place of the last word.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) what: What,
    /// What is typed of it already.
    pub(super) word: String,
    /// Which cluster the other words name.
    pub(super) access: Access,
}

/// A kind of proposals.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum What {
    /// These words, each with a description.
    These(Vec<(String, String)>),
    Leases,
    /// The candidates that can lead after the holder of this Lease.
    Successors(String),
    Namespaces,
    Contexts,
    Files,
    Nothing,
}

/// The words so far.
struct Reading<'a> {
    command: &'a Command,
    /// The option whose value comes next.
    pending: Option<&'a Arg>,
    positionals: usize,
    /// The first one.
    lease: Option<LeaseName>,
    options_end: bool,
    access: Access,
}

impl Asked {
    /// Reads the words after `kubectl ha`; the last one is not complete. The command has to be built.
    pub(super) fn of(command: &Command, words: &[String]) -> Self {
        let mut reading = Reading {
            command,
            pending: None,
            positionals: 0,
            lease: None,
            options_end: false,
            access: Access::default(),
        };
        let (word, before) =
            words.split_last().map_or(("", &[][..]), |(word, before)| (word.as_str(), before));
        for word in before {
            reading.word(word);
        }
        let (what, word) = reading.asked(word);
        Self { what, word: word.into(), access: reading.access }
    }
}

impl<'a> Reading<'a> {
    fn word(&mut self, word: &str) {
        if let Some(option) = self.pending {
            // bash makes three words of `--output=json`.
            if word != "=" {
                self.value(option, word);
                self.pending = None;
            }
        } else if word == "--" {
            self.options_end = true;
        } else if let Some(long) = word.strip_prefix("--").filter(|_| !self.options_end) {
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            self.option(self.long(name), value);
        } else if let Some(shorts) = word.strip_prefix('-').filter(|_| !self.options_end) {
            for (at, short) in shorts.char_indices() {
                let option =
                    self.command.get_arguments().find(|arg| arg.get_short() == Some(short));
                let rest = &shorts[at + short.len_utf8()..];
                let value = (!rest.is_empty()).then(|| rest.strip_prefix('=').unwrap_or(rest));
                self.option(option, value);
                if option.is_some_and(takes_value) {
                    break;
                }
            }
        } else if let Some(command) = self.command.find_subcommand(word) {
            self.command = command;
        } else {
            self.positionals += 1;
            self.lease = self.lease.take().or_else(|| word.parse().ok());
        }
    }

    fn option(&mut self, option: Option<&'a Arg>, value: Option<&str>) {
        match (option.filter(|option| takes_value(option)), value) {
            (Some(option), Some(value)) => self.value(option, value),
            (Some(option), None) => self.pending = Some(option),
            (None, _) => {}
        }
    }

    fn value(&mut self, option: &Arg, value: &str) {
        let value = value.to_owned();
        match option.get_id().as_str() {
            "namespace" => self.access.namespace = Some(value),
            "context" => self.access.context = Some(value),
            "kubeconfig" => self.access.kubeconfig = Some(value.into()),
            "user" => self.access.user = Some(value),
            "groups" => self.access.groups.push(value),
            _ => {}
        }
    }

    fn long(&self, name: &str) -> Option<&'a Arg> {
        self.command.get_arguments().find(|arg| arg.get_long() == Some(name))
    }

    fn asked<'w>(&self, word: &'w str) -> (What, &'w str) {
        if let Some(option) = self.pending {
            return (self.values(option), if word == "=" { "" } else { word });
        }
        if let Some((name, value)) = word.strip_prefix("--").and_then(|long| long.split_once('=')) {
            return (self.long(name).map_or(What::Nothing, |it| self.values(it)), value);
        }
        if word.starts_with('-') && !self.options_end {
            return (self.options(), word);
        }
        if self.command.has_subcommands() {
            let visible = self.command.get_subcommands().filter(|command| !command.is_hide_set());
            let these =
                visible.map(|command| (command.get_name().to_owned(), help(command.get_about())));
            return (What::These(these.collect()), word);
        }
        let positionals: Vec<&Arg> = self.command.get_positionals().collect();
        let last = positionals.last().filter(|arg| takes_many(arg));
        let asked = positionals.get(self.positionals).or(last);
        (asked.map_or(What::Nothing, |arg| self.values(arg)), word)
    }

    fn values(&self, arg: &Arg) -> What {
        let possible = arg.get_possible_values();
        if !possible.is_empty() {
            let these =
                possible.iter().map(|value| (value.get_name().to_owned(), help(value.get_help())));
            return What::These(these.collect());
        }
        let named = arg.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str());
        match (arg.get_id().as_str(), named) {
            ("namespace", _) => What::Namespaces,
            ("context", _) => What::Contexts,
            ("to", _) => {
                self.lease.clone().map_or(What::Nothing, |lease| What::Successors(lease.0))
            }
            (_, "FILE") => What::Files,
            (_, "LEASE") => What::Leases,
            (_, "CONDITION") => What::These(
                CONDITIONS.map(|(word, help)| (word.to_owned(), help.to_owned())).into(),
            ),
            _ => What::Nothing,
        }
    }

    fn options(&self) -> What {
        let visible = self.command.get_opts().chain(self.flags()).filter(|arg| !arg.is_hide_set());
        let these = visible
            .filter_map(|arg| Some((format!("--{}", arg.get_long()?), help(arg.get_help()))));
        let mut these: Vec<_> = these.collect();
        these.sort();
        these.dedup();
        What::These(these)
    }

    fn flags(&self) -> impl Iterator<Item = &'a Arg> {
        self.command.get_arguments().filter(|arg| !arg.is_positional() && !takes_value(arg))
    }
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn takes_many(arg: &Arg) -> bool {
    arg.get_num_args().is_some_and(|count| count.max_values() > 1)
}

fn help(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

/// What can be waited for.
const CONDITIONS: [(&str, &str); 3] = [
    ("leader", "somebody leads"),
    ("holder=", "the one of this name leads"),
    ("handover", "another one begins to lead"),
];
