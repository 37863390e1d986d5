//! Records, versions and strings by number: each is written out where it comes for the first time.

use std::collections::HashMap;

use kunobi_ha_core::{LeaseRecord, LeaseTime, Term, Version};

use super::tape::write;

#[derive(Debug, Default)]
pub(crate) struct Objects {
    uids: Vec<String>,
    records: HashMap<LeaseRecord, usize>,
    newest: LeaseRecord,
}

impl Objects {
    /// Returns a version as the number of its uid and its own.
    pub(crate) fn numbers(&mut self, version: &Version) -> (usize, u64) {
        let uid = version.uid.as_str();
        let place = self.uids.iter().position(|known| known == uid).unwrap_or_else(|| {
            self.uids.push(uid.to_owned());
            self.uids.len() - 1
        });
        (place, version.resource_version.get())
    }

    pub(crate) fn write_version(&mut self, text: &mut String, version: &Version) {
        let (uid, number) = self.numbers(version);
        write(text, format_args!(" v{uid}.{number}"));
    }

    pub(crate) fn write_record(&mut self, text: &mut String, record: &LeaseRecord) {
        if let Some(known) = self.records.get(record) {
            return write(text, format_args!(" o{known}"));
        }
        let place = self.records.len();
        write(text, format_args!(" o{place}"));
        let LeaseRecord {
            holder,
            duration_seconds,
            acquire_time,
            renew_time,
            transitions,
            strategy,
            preferred_holder,
        } = record;
        let last = &self.newest;
        if *holder != last.holder {
            write(text, format_args!(" oh{}", self.optional(holder.as_deref())));
        }
        if *duration_seconds != last.duration_seconds {
            write(text, format_args!(" od{}", number(*duration_seconds)));
        }
        if *acquire_time != last.acquire_time {
            write(text, format_args!(" oa{}", self.time(acquire_time, &last.acquire_time)));
        }
        if *renew_time != last.renew_time {
            write(text, format_args!(" on{}", self.time(renew_time, &last.renew_time)));
        }
        if *transitions != last.transitions {
            write(text, format_args!(" ot{}", number(*transitions)));
        }
        if *strategy != last.strategy {
            write(text, format_args!(" os{}", self.optional(strategy.as_deref())));
        }
        if *preferred_holder != last.preferred_holder {
            write(text, format_args!(" op{}", self.optional(preferred_holder.as_deref())));
        }
        self.records.insert(record.clone(), place);
        self.newest = record.clone();
    }

    /// Returns a string that an elector was given or shown, without blanks.
    #[expect(clippy::unused_self, reason = "they may get numbers one day, as records have")]
    pub(crate) fn text(&self, text: &str) -> String {
        let mut quoted = String::from("'");
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'-' {
                quoted.push(char::from(byte));
            } else {
                write(&mut quoted, format_args!("%{byte:02x}"));
            }
        }
        quoted
    }

    pub(crate) fn optional(&self, text: Option<&str>) -> String {
        text.map_or_else(|| "-".to_owned(), |text| self.text(text))
    }

    /// Returns the numbers of a term; its time in µs from the one in the newest record.
    pub(crate) fn term(&self, term: Term) -> String {
        let time = LeaseTime::At(term.acquire_time());
        let time = self.time(&time, &self.newest.acquire_time);
        format!("{},{},{time}", term.fence(), term.transitions())
    }

    /// A time is written in µs from the one in the record before it, if that has one.
    fn time(&self, time: &LeaseTime, before: &LeaseTime) -> String {
        match (time, before) {
            (LeaseTime::At(time), LeaseTime::At(before)) => {
                let passed =
                    i128::from(time.as_unix_micros()) - i128::from(before.as_unix_micros());
                format!("{passed:+}")
            }
            (LeaseTime::At(time), LeaseTime::Absent | LeaseTime::Text(_)) => {
                time.as_unix_micros().to_string()
            }
            (LeaseTime::Absent, _) => "-".to_owned(),
            (LeaseTime::Text(served), _) => self.text(served),
        }
    }
}

fn number(number: Option<i64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}
