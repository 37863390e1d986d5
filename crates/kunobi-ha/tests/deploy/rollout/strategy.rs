use k8s_openapi_0_29::{
    api::apps::v1::DeploymentStrategy, apimachinery::pkg::util::intstr::IntOrString,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Strategy {
    Recreate,
    RollingUpdate { max_unavailable: Amount, max_surge: Amount },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Amount {
    Count(i32),
    Percent(i32),
}

/// A rolling update's two amounts, in pods.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Limits {
    pub(super) unavailable: i32,
    pub(super) surge: i32,
}

impl Amount {
    const DEFAULT: Self = Self::Percent(25);

    fn rounded_up(self, replicas: i32) -> i32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (percent * replicas + 99) / 100,
        }
    }

    fn rounded_down(self, replicas: i32) -> i32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => percent * replicas / 100,
        }
    }
}

impl Limits {
    pub(super) fn new(max_unavailable: Amount, max_surge: Amount, replicas: i32) -> Self {
        let surge = max_surge.rounded_up(replicas);
        let unavailable = match max_unavailable.rounded_down(replicas) {
            // A rollout that goes neither way would be stuck: the controller takes one pod away.
            0 if surge == 0 => 1,
            unavailable => unavailable.min(replicas),
        };
        Self { unavailable, surge }
    }
}

impl From<&DeploymentStrategy> for Strategy {
    fn from(strategy: &DeploymentStrategy) -> Self {
        if strategy.type_.as_deref() == Some("Recreate") {
            return Self::Recreate;
        }
        let rolling = strategy.rolling_update.clone().unwrap_or_default();
        Self::RollingUpdate {
            max_unavailable: rolling.max_unavailable.map_or(Amount::DEFAULT, Amount::from),
            max_surge: rolling.max_surge.map_or(Amount::DEFAULT, Amount::from),
        }
    }
}

impl From<IntOrString> for Amount {
    fn from(value: IntOrString) -> Self {
        match value {
            IntOrString::Int(count) => Self::Count(count),
            IntOrString::String(text) => {
                Self::Percent(text.strip_suffix('%').unwrap().parse().unwrap())
            }
        }
    }
}

#[test]
fn a_surge_is_rounded_up_and_what_may_be_missing_down() {
    let quarter = Amount::Percent(25);
    let resolved = [1, 2, 3, 4, 5, 10].map(|replicas| {
        let Limits { unavailable, surge } = Limits::new(quarter, quarter, replicas);
        (replicas, unavailable, surge)
    });
    assert_eq!(resolved, [(1, 0, 1), (2, 0, 1), (3, 0, 1), (4, 1, 1), (5, 1, 2), (10, 2, 3)]);
}

#[test]
fn two_zeros_make_one_pod_unavailable() {
    let limits = Limits::new(Amount::Percent(1), Amount::Percent(0), 2);
    assert_eq!(limits, Limits { unavailable: 1, surge: 0 });
}

#[test]
fn no_more_than_all_may_be_missing() {
    let limits = Limits::new(Amount::Count(7), Amount::Count(0), 2);
    assert_eq!(limits, Limits { unavailable: 2, surge: 0 });
}
