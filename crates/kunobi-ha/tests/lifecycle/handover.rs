//! Two replicas that are restarted in turn.

use crate::world::{World, eventually};

#[test]
fn restarts_hand_over_and_nobody_writes_out_of_turn() {
    let world = World::new();
    let mut leader = ("a0".to_owned(), world.start("leader", "a0"));
    leader.1.says("works in term");
    let mut fences = vec![fence(&leader.1.says("works in term"))];
    for number in 1..=HANDOVERS {
        let name = format!("a{number}");
        let mut next = (name.clone(), world.start("leader", &name));
        eventually("it reads the Lease", || (!world.requests_of(&name).is_empty()).then_some(()));
        assert_eq!(next.1.probe("/readyz").status, 200);
        works(&world, &leader.0);
        let signalled = leader.1.terminate();
        fences.push(fence(&next.1.says("works in term")));
        assert_eq!(leader.1.end().code, Some(0));
        let taken = world.holds().into_iter().find(|hold| hold.holder == name).unwrap();
        println!("{name} leads {:?} after the signal to {}", taken.at - signalled, leader.0);
        leader = next;
    }
    let (name, mut last) = leader;
    works(&world, &name);
    last.terminate();
    assert_eq!(last.end().code, Some(0));
    assert!(fences.is_sorted_by(|earlier, later| earlier < later), "{fences:?}");
    one_leader_at_a_time(&world);
}

fn works(world: &World, name: &str) {
    eventually("it works", || {
        let writes = world.map_writes().into_iter();
        (writes.filter(|(_, _, client)| client == name).count() >= 3).then_some(())
    });
}

/// Checks that each holder releases before the next one acquires, and that only the holder works.
fn one_leader_at_a_time(world: &World) {
    let holds = world.holds();
    for pair in holds.windows(2) {
        let [before, after] = pair else { unreachable!() };
        let hands_over = before.holder.is_empty() || after.holder.is_empty();
        assert!(before.holder == after.holder || hands_over, "{before:?} {after:?}");
    }
    assert_eq!(world.releases().len(), HANDOVERS + 1);
    assert_eq!(holds.last().unwrap().transitions, i64::try_from(HANDOVERS).unwrap());
    let writes = world.map_writes();
    for (_, place, client) in &writes {
        let holder = holds.iter().rev().find(|hold| hold.sequence < *place).unwrap();
        assert_eq!(*client, holder.holder);
    }
    println!("{} writes, each by the holder", writes.len());
}

fn fence(line: &str) -> u64 {
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

const HANDOVERS: usize = 3;
