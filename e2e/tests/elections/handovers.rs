//! Handovers between client-go and ours, and among ours.

use e2e::{candidate::Maker, history::Report};
use futures::future::try_join_all;

use crate::{
    Outcome,
    contest::{Contest, Handover},
    member::Fault,
    table,
    world::{World, part},
};

/// The candidates, what happens to the leaders, and the name in the table.
struct Plan {
    name: &'static str,
    makers: &'static [Maker],
    /// Whether client-go releases. It then also releases a lease that it has lost.
    release: bool,
    faults: Vec<Fault>,
}

#[tokio::test(flavor = "multi_thread")]
async fn one_leads_at_a_time_whoever_made_it() -> Outcome {
    let world = World::new("elections").await?;
    println!("Kubernetes and client-go of {}, leases of 3 s / 2 s / 0.5 s", world.plane.version());
    let ended = try_join_all(plans().into_iter().map(|plan| run(&world, plan))).await?;
    let (mut all, mut handovers) = (Report::default(), Vec::new());
    for (name, report, of_stage) in ended {
        println!("{name}: {} versions, {} terms", report.versions, report.terms);
        for own in &report.client_go {
            println!("  client-go's own: {own}");
        }
        handovers.extend(of_stage);
        all.add(report);
    }
    table::handovers(&handovers);
    table::report(&all);
    assert!(all.faults.is_empty(), "{:#?}", all.faults);
    table::assert_bounds(&handovers);
    Ok(())
}

fn plans() -> Vec<Plan> {
    let (each, rounds) = if part() { (2, 1) } else { (20, 2) };
    let pair: &[Maker] = &[Maker::ClientGo, Maker::Kunobi];
    let duel = |name, fault| Plan {
        name,
        makers: pair,
        release: fault == Fault::Graceful,
        faults: vec![fault; each],
    };
    let mixed =
        |name, makers, release| Plan { name, makers, release, faults: Fault::ALL.repeat(rounds) };
    vec![
        duel("graceful", Fault::Graceful),
        duel("kill", Fault::Kill),
        duel("stop", Fault::Stop),
        duel("cut", Fault::Cut),
        mixed("alone", &[Maker::Kunobi, Maker::Kunobi, Maker::Kunobi], false),
        mixed("crowd", &[Maker::ClientGo, Maker::Kunobi, Maker::ClientGo, Maker::Kunobi], true),
    ]
}

async fn run(world: &World, plan: Plan) -> Outcome<(&'static str, Report, Vec<Handover>)> {
    let mut contest = Contest::new(world, plan.name, plan.makers, plan.release).await?;
    for fault in plan.faults {
        let done = contest.hand_over(fault).await;
        done.map_err(|error| format!("{}, {fault:?}: {error}", plan.name))?;
    }
    contest.settled().await?;
    Ok((plan.name, contest.check(), std::mem::take(&mut contest.handovers)))
}
