//! Prints a run, step by step.

use std::fmt;

use crate::simulation::{
    clock::MILLI,
    listener::{Call, Listener, Start},
};

#[derive(Debug)]
pub(crate) struct Printer;

impl Listener for Printer {
    fn started(&mut self, start: &Start) {
        let Start { replica, identity, config, seed } = start;
        println!("{replica} is {identity:?} with {config:?} and seed {seed}");
    }

    fn called(&mut self, real: u64, call: &Call) {
        let &Call { replica, now, wall, digits, input, step, elector } = call;
        let at = real / MILLI;
        println!("{at:>8} ms  {replica} at {now}, {wall}, {digits}: {input:?}");
        println!("             -> {step:?}");
        println!("             knows {:?}", elector.version());
    }

    fn noted(&mut self, real: u64, what: &dyn fmt::Debug) {
        println!("{:>8} ms  {what:?}", real / MILLI);
    }
}
