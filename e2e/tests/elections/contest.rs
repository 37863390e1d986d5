//! One Lease, the candidates for it, and what is done to its leaders.

use e2e::{
    candidate::Maker,
    history::{History, Recorder, Report},
};

use crate::{
    Outcome,
    member::{Fault, Member},
    world::{LIMIT, TIMING, World},
};

pub(crate) struct Contest<'a> {
    world: &'a World,
    recorder: Recorder,
    members: Vec<Member>,
    pub(crate) handovers: Vec<Handover>,
}

/// The change from one leader to the next.
pub(crate) struct Handover {
    pub(crate) fault: Fault,
    pub(crate) from: Maker,
    pub(crate) to: Maker,
    /// From the fault until the next one leads, in nanoseconds.
    pub(crate) without: u64,
}

impl<'a> Contest<'a> {
    pub(crate) async fn new(
        world: &'a World,
        lease: &str,
        makers: &[Maker],
        release: bool,
    ) -> Outcome<Self> {
        let recorder = Recorder::start(world.client.clone(), &world.namespace, lease).await?;
        let mut members = Vec::new();
        for (number, maker) in makers.iter().enumerate() {
            members.push(Member::start(world, lease, *maker, number, release).await?);
        }
        Ok(Self { world, recorder, members, handovers: Vec::new() })
    }

    /// Does this to the leader, waits for the next leader, and undoes it.
    pub(crate) async fn hand_over(&mut self, fault: Fault) -> Outcome {
        let (leader, transitions) = self.settled().await?;
        let at = self.members[leader].suffer(fault).await?;
        let identity = self.members[leader].candidate.identity().to_owned();
        let next = self.recorder.wait_for(LIMIT, |versions| {
            let last = versions.last()?;
            let other = last.transitions > transitions && last.holder != identity;
            (other && !last.holder.is_empty()).then(|| last.holder.clone())
        });
        let next = next.await?;
        let successor = self.member(&next).ok_or_else(|| format!("{next} is not a candidate"))?;
        let from = self.members[successor].leads(at, LIMIT).await?;
        self.handovers.push(Handover {
            fault,
            from: self.members[leader].maker,
            to: self.members[successor].maker,
            without: from.saturating_sub(at),
        });
        self.members[leader].recover(self.world, fault, at).await
    }

    /// Checks everything that happened.
    pub(crate) fn check(&self) -> Report {
        let witnesses: Vec<_> = self.members.iter().flat_map(Member::witnesses).collect();
        History::new(self.recorder.versions(), &witnesses, TIMING[1]).check()
    }

    /// Waits until a candidate has led for some renewals, and returns which one, and the transitions.
    pub(crate) async fn settled(&self) -> Outcome<(usize, u64)> {
        let settled = self.recorder.wait_for(LIMIT, |versions| {
            let last = versions.last()?;
            let term = versions.iter().rev().take_while(|version| {
                version.holder == last.holder && version.acquired == last.acquired
            });
            let member = self.member(&last.holder)?;
            (term.count() > 3).then_some((member, last.transitions))
        });
        Ok(settled.await?)
    }

    fn member(&self, identity: &str) -> Option<usize> {
        self.members.iter().position(|member| member.candidate.identity() == identity)
    }
}
