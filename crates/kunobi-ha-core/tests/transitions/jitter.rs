//! rule 6: how polls are spread.

use kunobi_ha_core::{
    ClockReading, Elector, Input, Instant, LeaseRecord, Request, Timing, TimingConfig,
};

use crate::transitions::probe::{WALL, foreign, found, seconds};

/// What `SplitMix64` yields for this seed, as its authors publish it.
const SEED: u64 = 1_234_567;
const DRAWS: [u64; 5] = [
    6_457_827_717_110_365_317,
    3_203_168_211_198_807_973,
    9_817_491_932_198_370_423,
    4_593_380_528_125_082_431,
    16_408_922_859_458_223_821,
];

// rule 6: the next poll is due between 0.8 R and R after the send of the last one
#[test]
fn polls_follow_each_other_by_a_factor_that_is_drawn_by_the_seed() {
    let timing = Timing::new(TimingConfig::default()).unwrap();
    let mut elector = Elector::new("me", timing, SEED).unwrap();
    let mut tell = |nanos, input| {
        elector.handle(ClockReading::new(Instant::from_nanos(nanos), WALL, 0), input)
    };
    let seen = LeaseRecord { duration_seconds: Some(600), ..foreign(0) };
    let mut now = 0;
    let mut step = tell(now, Input::Acquire);
    for draw in DRAWS {
        let read = step.send.unwrap();
        assert_eq!(read.request, Request::Read);
        let answer = Input::Answered { attempt: read.id, outcome: found(5, seen.clone()) };
        step = tell(now + 1, answer);
        while step.send.is_none() {
            let wake = step.wake_at.unwrap().as_nanos();
            step = tell(wake, Input::Wake);
            if step.send.is_some() {
                let hundredth = u64::try_from(seconds(2).as_nanos()).unwrap() / 10_000;
                assert_eq!(wake - now, hundredth * (8_000 + draw % 2_001));
                now = wake;
            }
        }
    }
}
