//! The way between electors and the Lease: every message takes half of the latency.

use kunobi_ha_core::{AttemptId, Input, Outcome, Request};

use crate::bounds::world::{Happening, World, Write};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Connection {
    Good,
    /// Nothing goes out any more, and nothing comes back.
    Cut {
        /// Whether that goes for what was under way, too.
        under_way: bool,
    },
    /// What goes out fails at once.
    Refused,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Mishap {
    pub(crate) kind: Wreck,
    /// Whether a request that joined another one is spared.
    pub(crate) first_only: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wreck {
    RequestHangs,
    AnswerIsLost,
}

impl World {
    pub(super) fn send(&mut self, from: usize, id: AttemptId, request: Request) {
        let wreck = match request {
            Request::Read => {
                self.replicas[from].reads += 1;
                None
            }
            Request::Create { .. } | Request::Update { .. } => self.wreck(from),
        };
        if self.replicas[from].connection == Connection::Refused {
            let outcome = Outcome::Unknown { retry_after: None };
            let input = Input::Answered { attempt: id, outcome };
            return self.schedule(0, Happening::Told { to: from, input });
        }
        if self.replicas[from].connection != Connection::Good || wreck == Some(Wreck::RequestHangs)
        {
            return;
        }
        let (sent, answered) = (self.now, wreck.is_none());
        let event = Happening::Arrives { from, sent, id, request, answered };
        self.schedule(self.case.latency / 2, event);
    }

    /// Tells what becomes of the write that is sent now.
    fn wreck(&mut self, from: usize) -> Option<Wreck> {
        let (now, period) = (self.now, self.case.period());
        let replica = &mut self.replicas[from];
        let first = replica.wrote.is_none_or(|wrote| now - wrote >= period);
        if first {
            replica.wrote = Some(now);
        }
        self.mishap.take_if(|mishap| first || !mishap.first_only).map(|mishap| mishap.kind)
    }

    pub(super) fn arrive(
        &mut self,
        from: usize,
        sent: u64,
        id: AttemptId,
        request: &Request,
        answered: bool,
    ) {
        if self.replicas[from].connection == (Connection::Cut { under_way: true }) {
            return;
        }
        let outcome = self.server.handle(request);
        if let Outcome::Written { .. } = outcome {
            self.writes.push(Write { by: from, sent });
            self.notify();
        }
        if answered {
            self.schedule(
                self.case.latency / 2,
                Happening::Answered { to: from, sent, id, outcome },
            );
        }
    }

    fn notify(&mut self) {
        let event = self.server.event();
        for to in 0..self.replicas.len() {
            if self.case.watching && self.replicas[to].connection == Connection::Good {
                let input = Input::Observed(event.clone());
                self.schedule(self.case.latency / 2, Happening::Told { to, input });
            }
        }
    }

    /// From now on, nobody is answered, or everybody is again.
    pub(crate) fn connect_all(&mut self, connection: Connection) {
        self.replicas.iter_mut().for_each(|replica| replica.connection = connection);
    }

    /// Somebody deletes the Lease.
    pub(crate) fn delete(&mut self) {
        self.server.delete();
        self.notify();
    }
}
