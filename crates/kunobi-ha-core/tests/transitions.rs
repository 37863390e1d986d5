//! What an elector does in each phase with each input, rule by rule and scenario by scenario.

#[cfg(test)]
mod transitions {
    /// One test for each input in one phase; the step is written as a line.
    macro_rules! table {
        ($phase:ident: $($name:ident: $told:ident => $expected:literal,)*) => {
            mod $phase {
                use crate::transitions::phases::{$phase, Told, react};

                $(
                    #[test]
                    fn $name() {
                        assert_eq!(react($phase(), Told::$told), $expected);
                    }
                )*
            }
        };
    }
    mod altered;
    mod bidding;
    mod candidate;
    mod clock_back;
    mod connections;
    mod copies;
    mod deaths;
    mod early;
    mod endings;
    mod extremes;
    mod failures;
    mod flapping;
    mod freed;
    mod grace;
    mod grace_limits;
    mod handovers;
    mod holds;
    mod jitter;
    mod leader;
    mod lease_view;
    mod lost_creates;
    mod observe_timeout;
    mod overtaken;
    mod own_terms;
    mod pacing;
    mod phases;
    mod pressed_leader;
    mod probe;
    mod promised;
    mod proofs;
    mod refusals;
    mod refused_late;
    mod release_endings;
    mod retakes;
    mod rules;
    mod scenarios;
    mod still_held;
    mod term_identity;
    mod terms;
    mod troubles;
    mod values;
    mod waits;
    mod withdrawals;
}
