//! The planted bug: a program that asks nobody, and believes that it leads. A measurement that does not show two
//! of these as two believers measures nothing.

use std::thread;

use candidate::{Options, Reporter};

fn main() {
    let _reporter = Reporter::start(&Options::from_args(), || true);
    loop {
        thread::park();
    }
}
