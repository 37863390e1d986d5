//! Where the program writes to, and what it knows of that place.

mod line;

use std::{
    fmt,
    io::{self, BufRead, IsTerminal, Write},
};

use jiff::Timestamp;

pub(crate) use self::line::{Line, Style};
use crate::{exit::Exit, failure::Failure, words::shown};

/// The world around one run of the program: a test gives it another one.
pub struct Console {
    pub(super) output: Box<dyn Write + Send + Sync>,
    pub(super) errors: Box<dyn Write + Send + Sync>,
    pub(super) input: Box<dyn BufRead + Send + Sync>,
    pub(super) terminal: Terminal,
    pub(super) clock: fn() -> Timestamp,
    pub(super) client: Option<kube::Client>,
}

/// What is known of the terminal.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Terminal {
    /// Whether colours are shown.
    pub colours: bool,
    /// How many columns the output has, if it is a terminal.
    pub width: Option<u16>,
    /// Whether a person can be asked: both input and output are a terminal.
    pub answers: bool,
}

impl Console {
    /// Takes the output, the errors and the input of this process, and colours if they are seen and `NO_COLOR` is not set.
    #[must_use]
    pub fn of_process() -> Self {
        let seen = io::stdout().is_terminal();
        let terminal = Terminal {
            colours: seen && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
            width: if seen { comfy_table::Table::new().width() } else { None },
            answers: seen && io::stdin().is_terminal(),
        };
        Self::new(io::stdout(), io::stderr())
            .with_terminal(terminal)
            .with_input(io::BufReader::new(io::stdin()))
    }

    /// Writes to these places, which are no terminal.
    pub fn new(
        output: impl Write + Send + Sync + 'static,
        errors: impl Write + Send + Sync + 'static,
    ) -> Self {
        Self {
            output: Box::new(output),
            errors: Box::new(errors),
            input: Box::new(io::empty()),
            terminal: Terminal::default(),
            clock: Timestamp::now,
            client: None,
        }
    }

    /// Says that the output is a terminal.
    #[must_use]
    pub fn with_terminal(mut self, terminal: Terminal) -> Self {
        self.terminal = terminal;
        self
    }

    /// Reads answers of a person from here.
    #[must_use]
    pub fn with_input(mut self, input: impl BufRead + Send + Sync + 'static) -> Self {
        self.input = Box::new(input);
        self
    }

    /// Takes the time from here when no answer of the server tells it.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> Timestamp) -> Self {
        self.clock = clock;
        self
    }

    /// Asks this client, and reads no kubeconfig.
    #[must_use]
    pub fn with_client(mut self, client: kube::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Writes a line to the output.
    pub(crate) fn line(&mut self, line: impl Into<Line>) -> Result<(), Failure> {
        let line = line.into().painted(self.terminal.colours);
        writeln!(self.output, "{line}").and_then(|()| self.output.flush()).map_err(Failure::Output)
    }

    /// Writes text that is safe for a terminal already: what [`crate::output`] makes.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.output
            .write_all(text.as_bytes())
            .and_then(|()| self.output.flush())
            .map_err(Failure::Output)
    }

    /// Writes a proposal for a shell: a word, a tab and a description.
    pub(crate) fn proposal(&mut self, line: &str) -> Result<(), Failure> {
        let safe: Vec<String> = line.splitn(2, '\t').map(shown).collect();
        self.text(&format!("{}\n", safe.join("\t")))
    }

    /// Writes a line to the errors: what a person should know although the output says nothing of it.
    pub(crate) fn note(&mut self, line: impl Into<Line>) {
        // Errors that can't be written have no other place to go to.
        let _ = writeln!(self.errors, "{}", line.into().painted(false));
    }

    /// Writes the lines of a text to the errors.
    pub(crate) fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.note(line));
    }

    pub(super) fn failure(&mut self, failure: &Failure) {
        for (number, line) in failure.to_string().lines().enumerate() {
            self.note(if number == 0 { format!("error: {line}") } else { line.into() });
        }
    }

    /// Says what is wrong with the command line, or the help that was asked for.
    pub(super) fn usage(&mut self, error: &clap::Error) -> Exit {
        let text = error.render();
        if error.use_stderr() {
            let _ = write!(self.errors, "{text}");
            Exit::Usage
        } else {
            let _ = write!(self.output, "{text}");
            Exit::Fine
        }
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}
