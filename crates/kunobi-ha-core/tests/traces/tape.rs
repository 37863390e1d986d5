//! Writes down what the electors of one run are told and do.

use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc};

use kunobi_ha_core::{Elector, Instant};

use super::{inputs, objects::Objects, steps};
use crate::simulation::listener::{Call, Listener, Start};

/// The record of one run so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape(Rc<RefCell<Written>>);

#[derive(Debug, Default)]
struct Written {
    text: String,
    objects: Objects,
    before: BTreeMap<usize, Before>,
    digits: u32,
}

/// What an elector was told and said last.
#[derive(Debug, Default)]
struct Before {
    now: u64,
    wall: i64,
    version: Option<(usize, u64)>,
    holder_seen_at: Option<u64>,
    backoff: u128,
    failing: bool,
}

impl Tape {
    /// Returns the record, a line for each call.
    pub(crate) fn text(&self) -> String {
        self.0.borrow().text.clone()
    }
}

impl Listener for Tape {
    fn started(&mut self, start: &Start) {
        self.0.borrow_mut().started(start);
    }

    fn called(&mut self, _real: u64, call: &Call) {
        self.0.borrow_mut().called(call);
    }

    fn noted(&mut self, _real: u64, _what: &dyn fmt::Debug) {}
}

impl Written {
    fn started(&mut self, start: &Start) {
        let &Start { replica, identity, config, seed } = start;
        self.before.insert(replica, Before::default());
        let name = self.objects.text(identity);
        let timeout = config.renew_request_timeout.map_or(0, |timeout| timeout.as_nanos());
        write(
            &mut self.text,
            format_args!(
                "{replica} NEW{name},{},{},{},{timeout},{},{},{},{seed}\n",
                config.lease_duration.as_nanos(),
                config.renew_deadline.as_nanos(),
                config.retry_period.as_nanos(),
                config.observe_timeout.as_nanos(),
                config.create_grace.as_nanos(),
                config.release_timeout.as_nanos(),
            ),
        );
    }

    fn called(&mut self, call: &Call) {
        let Self { text, objects, before, digits } = self;
        let before = before.entry(call.replica).or_default();
        let passed = i128::from(call.now) - i128::from(before.now);
        write(text, format_args!("{} t{passed}", call.replica));
        let adrift = i128::from(call.wall) - i128::from(before.wall) - passed / 1000;
        if adrift != 0 {
            write(text, format_args!(" w{adrift}"));
        }
        if call.digits != (*digits + USUAL_DIGITS) % 1_000_000 {
            write(text, format_args!(" d{}", call.digits));
        }
        *digits = call.digits;
        (before.now, before.wall) = (call.now, call.wall);
        inputs::write_input(text, objects, call.input);
        text.push_str(" >");
        steps::write_step(text, objects, call.now, call.step);
        before.write_changes(text, objects, call.elector);
        text.push('\n');
    }
}

impl Before {
    /// Writes what the elector says of itself where that has changed.
    fn write_changes(&mut self, text: &mut String, objects: &mut Objects, elector: &Elector) {
        let version = elector.version().map(|version| objects.numbers(version));
        if version != self.version {
            match version {
                Some((uid, number)) => write(text, format_args!(" gv{uid}.{number}")),
                None => text.push_str(" gv-"),
            }
        }
        let holder_seen_at = elector.holder_seen_at().map(Instant::as_nanos);
        if holder_seen_at != self.holder_seen_at {
            match holder_seen_at {
                Some(at) => {
                    write(text, format_args!(" gh{:+}", i128::from(at) - i128::from(self.now)));
                }
                None => text.push_str(" gh-"),
            }
        }
        let backoff = elector.flap_backoff().as_nanos();
        if backoff != self.backoff {
            write(text, format_args!(" gb{backoff}"));
        }
        let failing = elector.is_failing();
        if failing != self.failing {
            write(text, format_args!(" gf{}", u8::from(failing)));
        }
        let (now, wall) = (self.now, self.wall);
        *self = Self { now, wall, version, holder_seen_at, backoff, failing };
    }
}

pub(super) fn write(text: &mut String, what: fmt::Arguments) {
    fmt::Write::write_fmt(text, what).unwrap();
}

/// By how much the digits of the simulation go on from call to call.
pub(super) const USUAL_DIGITS: u32 = 7919;
