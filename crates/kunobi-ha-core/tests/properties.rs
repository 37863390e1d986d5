//! What holds for one elector under any sequence of inputs, possible or not.
//!
//! A failing sequence is printed with its seed, and kept in `properties.regressions`. `PROPTEST_CASES` runs more. With
//! `WATCH=spec` the trace validation alone is watched (`spec/`).

#[cfg(test)]
#[path = "spec/spec.rs"]
mod spec;

#[cfg(test)]
mod properties {
    mod ledger;
    mod promises;
    mod script;

    use proptest::{prelude::*, test_runner::FileFailurePersistence};

    use self::{
        ledger::Ledger,
        script::{Line, lines},
    };

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: ProptestConfig::default().cases.max(1_000),
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/properties.regressions"
            )))),
            ..ProptestConfig::default()
        })]

        #[test]
        fn no_sequence_of_inputs_breaks_a_promise(grace in any::<bool>(), lines in lines()) {
            let mut ledger = Ledger::new(grace);
            for line in lines {
                if let Err(broken) = ledger.play(&line) {
                    prop_assert!(false, "{broken}");
                }
            }
        }

        // rule 1: no clock is read inside
        #[test]
        fn one_sequence_of_inputs_has_one_outcome(lines in lines()) {
            let (mut one, mut other) = (Ledger::new(false), Ledger::new(false));
            for line in lines {
                prop_assert_eq!(one.play(&line), other.play(&line));
                prop_assert_eq!(&one.elector, &other.elector);
            }
        }
    }

    #[test]
    fn the_generator_reaches_every_kind_of_publication() {
        use proptest::{strategy::ValueTree, test_runner::TestRunner};

        let mut runner = TestRunner::deterministic();
        let mut seen = std::collections::BTreeSet::new();
        let (mut calls, mut judged) = (0, 0);
        for _ in 0..2_000 {
            let script: Vec<Line> = lines().new_tree(&mut runner).unwrap().current();
            let mut ledger = Ledger::new(false);
            for line in &script {
                ledger.play(line).unwrap();
            }
            calls += ledger.calls;
            judged += ledger.judged;
            seen.extend(ledger.published);
        }
        println!("{judged} of {calls} calls were judged, the others came after a breach of A1");
        assert!(judged * 3 >= calls * 2, "{judged} of {calls} calls were judged");
        let all = ["ended", "failed", "following", "leading", "released", "withdrawn"];
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
    }
}
