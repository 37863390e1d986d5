//! A leader whose renewal is applied, and answered with each row.

use std::time::Duration;

use kunobi_ha::leader::StepDownReason;
use tokio::time::timeout;

use crate::{candidate::is_fit_to_print, log::Log, register::Register, rows};

/// Rules 8 and 15: what does not show the record that was sent keeps nothing, and a read proves
/// the write.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_answered_with_any_row_costs_no_term() {
    rows::each(|row| async move {
        let name = row.name;
        let log = Log::capture();
        let register = Register::default();
        let mut guard = register.election().build().acquire().await.unwrap();
        for _ in 0..3 {
            register.garble_next(row.body);
            let lost = timeout(Duration::from_secs(10), guard.lost()).await;
            if is_from_the_future(name) {
                assert_eq!(lost, Ok(StepDownReason::Rewound));
                return;
            }
            assert!(lost.is_err() && guard.is_leader(), "{name}: {lost:?}");
        }
        assert!(register.unguarded().is_empty(), "{name}: {:?}", register.unguarded());
        is_fit_to_print(name, &log);
    })
    .await;
}

/// The same for the write that would begin a term: no answer of this kind makes two leaders, and none
/// keeps the Lease from being led.
#[tokio::test(start_paused = true)]
async fn a_create_that_is_answered_with_any_row_leads_in_the_end() {
    rows::each(|row| async move {
        let name = row.name;
        let log = Log::capture();
        let register = Register::default();
        register.garble_next(row.body);
        let election = register.election().build();
        let acquired = timeout(Duration::from_secs(60), election.acquire()).await;
        let guard = acquired.unwrap_or_else(|_| panic!("{name}: no end")).unwrap();
        let lease = register.lease().unwrap();
        assert_eq!(lease["spec"]["holderIdentity"], "me", "{name}");
        let version = lease["metadata"]["resourceVersion"].as_str().unwrap();
        let is_fence = version == guard.term().fence().to_string();
        assert!(is_fence || is_from_the_future(name), "{name}: {version}, {:?}", guard.term());
        assert!(register.unguarded().is_empty(), "{name}: {:?}", register.unguarded());
        is_fit_to_print(name, &log);
    })
    .await;
}

/// Tells whether the row has a version that the register never gave. Such an answer is believed, and
/// the next read is a rewind.
fn is_from_the_future(name: &str) -> bool {
    name == "a version close to 2^64"
}
