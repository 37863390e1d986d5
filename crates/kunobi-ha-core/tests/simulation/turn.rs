//! One step of one elector: what it is told, what the oracles say, and what the world does then.

use kunobi_ha_core::{ClockReading, Input, Instant, Step, Term};

use crate::simulation::{
    listener::Call,
    oracle::{Broken, Promise, Scene},
    world::World,
};

impl World {
    pub(crate) fn tell(&mut self, index: usize, mut input: Input) -> Result<(), Broken> {
        let digits = self.draws.wrapping_mul(7919) % 1_000_000;
        self.draws += 1;
        let who = self.sender(index);
        let replica = &mut self.replicas[index];
        let Some(elector) = &mut replica.elector else {
            return Ok(());
        };
        let now = Instant::from_nanos(replica.clock.local_at(self.now));
        let wall = replica.wall.micros_at(self.now, &mut self.rng);
        let identity = &replica.identity;
        if let Some(bug) = self.bug {
            replica.disguise.incoming(bug, &replica.witness, identity, now, &mut input);
        }
        let mut step = elector.handle(ClockReading::new(now, wall, digits), input.clone());
        if let Some(listener) = &mut self.listener {
            let call = Call {
                replica: index,
                now: now.as_nanos(),
                wall,
                digits,
                input: &input,
                step: &step,
                elector,
            };
            listener.called(self.now, &call);
        }
        if self.watched.watches(Promise::Spec) {
            let watched = replica.monitor.watch(now, &input, &step);
            watched.map_err(|violation| Broken::new(Promise::Spec, &violation.to_string()))?;
            self.stats.judged += u64::from(replica.monitor.judges());
        }
        let config = self.profile.timings[index].config();
        let mut usurped = None;
        if let Some(bug) = self.bug {
            let deadline = config.renew_deadline;
            let disguise = &mut replica.disguise;
            usurped = disguise.outgoing(bug, identity, now, deadline, &mut input, &mut step);
        }
        self.stats.steps += 1;
        let begun = replica.witness.watch(&Scene {
            who,
            identity,
            config,
            now,
            input: &input,
            step: &step,
            known: elector.version(),
            hints: elector.version().and_then(|version| self.server.hints_at(version)),
            ledger: &self.ledger,
            fresh_reads: self.profile.faults.stale_reads == 0,
            false_conflicts: self.profile.faults.conflicted > 0,
        })?;
        self.carry_out(index, step, begun)?;
        match usurped {
            Some(until) => self.believe_without_term(index, until),
            None => Ok(()),
        }
    }

    fn carry_out(&mut self, index: usize, step: Step, begun: Option<Term>) -> Result<(), Broken> {
        if let Some(term) = begun {
            self.begins(index, term)?;
        }
        if let Some(published) = &step.publish {
            self.publish(index, published)?;
        }
        self.told(index, &step.notices);
        if let Some(attempt) = step.send {
            let mut request = attempt.request;
            if let Some(bug) = self.bug {
                let replica = &mut self.replicas[index];
                replica.disguise.wire(bug, &replica.identity, &mut request);
            }
            self.transmit(index, attempt.id, request);
        }
        self.replicas[index].wake_at = step.wake_at;
        self.set_timer(index);
        self.compare_news(index);
        self.check_deadline(index)
    }
}
