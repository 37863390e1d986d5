//! Whether a rollout ends, by the Deployment controller's own arithmetic.
//!
//! The worst case for an operator: the Lease stays with an old pod while any old pod lives.

mod controller;
mod exploration;
mod strategy;
mod table;

use self::{
    controller::Rollout,
    exploration::{Ending, Readiness},
    strategy::{Amount, Strategy},
};
use crate::{rendering::Rendering, workload::Workload};

const REPLICAS: [i32; 4] = [1, 2, 3, 5];

fn shipped() -> Strategy {
    let [helm, kustomize] = ["defaults", "base"].map(|name| {
        let deployment = Workload::of(&Rendering::named(name)).deployment;
        Strategy::from(&deployment.spec.strategy.unwrap())
    });
    assert_eq!(helm, kustomize);
    helm
}

fn endings(strategy: Strategy, replicas: i32, readiness: Readiness) -> Vec<Ending> {
    exploration::explore(Rollout::new(strategy, replicas), readiness).endings
}

#[test]
fn the_shipped_strategy_rolls_ready_standbys() {
    for replicas in REPLICAS {
        let explored = exploration::explore(Rollout::new(shipped(), replicas), Readiness::Standbys);
        assert!(explored.endings.iter().all(|it| it.rolled && it.complete), "{explored:?}");
        assert_eq!(explored.fewest_available, replicas, "a pod is missed meanwhile");
        assert_eq!(explored.most_pods, replicas + 1);
    }
}

#[test]
fn the_shipped_strategy_is_stuck_when_only_the_leader_is_ready() {
    for replicas in REPLICAS {
        for ending in endings(shipped(), replicas, Readiness::LeaderOnly) {
            assert!(!ending.rolled && !ending.complete, "{ending:?}");
            assert_eq!((ending.old, ending.new), (replicas, 1));
        }
    }
}

#[test]
fn a_release_whose_election_cannot_work_takes_no_old_pod_away() {
    for replicas in REPLICAS {
        let explored =
            exploration::explore(Rollout::new(shipped(), replicas), Readiness::OldStandbysOnly);
        assert_eq!(explored.fewest_available, replicas);
        assert!(explored.endings.iter().all(|it| (it.old, it.new) == (replicas, 1)));
    }
}

#[test]
fn a_leader_gated_rollout_ends_if_and_only_if_all_replicas_may_be_unavailable() {
    let mut rolling = 0;
    for replicas in 1..=8 {
        for unavailable in 0..=replicas + 1 {
            for surge in 0..=replicas + 1 {
                if (unavailable, surge) == (0, 0) {
                    continue; // The API server refuses it.
                }
                let strategy = Strategy::RollingUpdate {
                    max_unavailable: Amount::Count(unavailable),
                    max_surge: Amount::Count(surge),
                };
                for it in endings(strategy, replicas, Readiness::LeaderOnly) {
                    assert_eq!(
                        it.rolled,
                        unavailable >= replicas,
                        "{replicas} {strategy:?} {it:?}"
                    );
                    assert_eq!(it.complete, it.rolled && replicas == 1, "{strategy:?} {it:?}");
                    rolling += i32::from(it.rolled);
                }
                for it in endings(strategy, replicas, Readiness::Standbys) {
                    assert!(it.rolled && it.complete, "{replicas} {strategy:?} {it:?}");
                }
            }
        }
    }
    assert!(rolling > 0, "both sides of the rule were met");
}

#[test]
fn recreate_rolls_a_leader_gated_deployment_but_completes_only_one_replica() {
    for replicas in REPLICAS {
        for it in endings(Strategy::Recreate, replicas, Readiness::LeaderOnly) {
            assert!(it.rolled, "{it:?}");
            assert_eq!(it.complete, replicas == 1, "{it:?}");
        }
    }
}
