//! Every interleaving, up to a depth, of two electors and their messages with a clock of seconds.
//!
//! A message may arrive at any time or never, so that "late" and "lost" need no moves of their
//! own. A leader may die, and the other one be told so at any time after it. L = 3 s, D = 2 s, R = 1 s.
//! Each call is validated as a step of the protocol (`spec/`).

#[cfg(test)]
#[path = "spec/spec.rs"]
mod spec;

#[cfg(test)]
mod model {
    mod world;

    use std::{
        collections::HashSet,
        hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    };

    use self::world::{Move, World};

    struct Search {
        states: usize,
        /// The shortest way to two leaders at once.
        violation: Option<Vec<Move>>,
        leaders_seen: [bool; 2],
        outlived: bool,
        last: Vec<World>,
    }

    /// A move, and the one before it.
    type Trail = Vec<(Option<usize>, Move)>;

    /// Searches breadth first; two states are one if they hash alike.
    fn search(extra_belief: u64, depth: usize) -> Search {
        search_from(World::new(extra_belief), depth)
    }

    fn search_from(world: World, depth: usize) -> Search {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut seen = HashSet::new();
        let mut trail = Trail::new();
        let mut level = vec![(world, None)];
        let (mut leaders_seen, mut outlived) = ([false; 2], false);
        for _ in 0..depth {
            let mut next = Vec::new();
            for (before, parent) in level {
                for chosen in before.moves() {
                    let mut world = before.clone();
                    world.make(&chosen);
                    if !seen.insert(hasher.hash_one(&world)) {
                        continue;
                    }
                    trail.push((parent, chosen));
                    let leads = [0, 1].map(|who| world.believes(who));
                    if leads == [true, true] {
                        let violation = Some(way(&trail));
                        let states = seen.len();
                        let last = Vec::new();
                        return Search { states, violation, leaders_seen, outlived, last };
                    }
                    outlived |= world.has_outlived();
                    leaders_seen = [0, 1].map(|who| leaders_seen[who] || leads[who]);
                    next.push((world, Some(trail.len() - 1)));
                }
            }
            level = next;
        }
        let last = level.into_iter().map(|(world, _)| world).collect();
        Search { states: seen.len(), violation: None, leaders_seen, outlived, last }
    }

    /// Returns the moves that lead to the last state.
    fn way(trail: &Trail) -> Vec<Move> {
        let mut moves = Vec::new();
        let mut at = trail.len().checked_sub(1);
        while let Some(index) = at {
            let (parent, chosen) = &trail[index];
            moves.push(chosen.clone());
            at = *parent;
        }
        moves.reverse();
        moves
    }

    #[test]
    fn no_interleaving_makes_two_leaders_and_each_can_become_one() {
        let found = search(0, DEPTH);
        println!("{} states to depth {DEPTH}, {} at its end", found.states, found.last.len());
        assert_eq!(found.violation, None);
        assert_eq!(found.leaders_seen, [true, true]);
        assert!(found.states > 10_000, "the search has to see something");
    }

    // rule C7: the term is as old as the lease, so news of a death count soon
    #[test]
    fn a_death_that_is_told_makes_no_two_leaders() {
        let found = search_from(World::settled(), DEPTH - 1);
        println!("{} states, {} at the end", found.states, found.last.len());
        assert_eq!(found.violation, None);
        assert!(found.outlived, "the follower takes the Lease early");
    }

    #[test]
    fn from_every_state_a_working_network_leads_to_a_leader() {
        for mut world in search(0, DEPTH - 2).last {
            assert!(world.settles(), "stuck: {world:?}");
        }
    }

    #[test]
    fn belief_up_to_the_lease_duration_would_still_be_safe() {
        assert_eq!(search(1, DEPTH - 1).violation, None);
    }

    #[test]
    fn belief_beyond_the_lease_duration_is_found_out() {
        let found = search(2, DEPTH - 1);
        println!("{:?}", found.violation);
        assert!(found.violation.is_some());
    }

    const DEPTH: usize = 10;
}
