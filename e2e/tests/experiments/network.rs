//! What the network does to the leader.

use std::time::Duration;

use e2e::{candidate::Maker, history::Recorder, proxy::Proxy};
use tokio::time::sleep;

use crate::Outcome;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Network {
    H1a,
    H1b,
    H2,
    H2n,
    H3,
}

impl Network {
    pub(crate) const ALL: [Self; 5] = [Self::H1a, Self::H1b, Self::H2, Self::H2n, Self::H3];

    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::H1a => "a renewal is answered 4.8 s late, then cut; requests limited to 5 s",
            Self::H1b => "a renewal is answered 9.8 s late, then cut; requests not limited",
            Self::H2 => "cut; releases; requests limited to 5 s",
            Self::H2n => "cut; releases; requests not limited",
            Self::H3 => "cut until another leads; releases; requests not limited",
        }
    }

    /// Returns the flags that client-go needs for it.
    pub(crate) const fn arguments(self, maker: Maker) -> &'static [&'static str] {
        match (maker, self) {
            (Maker::Kunobi, _) => &[],
            (Maker::ClientGo, Self::H1a) => &["--client-timeout", "5s"],
            (Maker::ClientGo, Self::H1b) => &["--client-timeout", "0"],
            (Maker::ClientGo, Self::H2) => &["--client-timeout", "5s", "--release-on-cancel"],
            (Maker::ClientGo, Self::H2n | Self::H3) => {
                &["--client-timeout", "0", "--release-on-cancel"]
            }
        }
    }

    /// Applies the fault.
    pub(crate) async fn strike(self, proxy: &Proxy, recorder: &Recorder) -> Outcome {
        renewal(recorder).await?;
        // That renewal was answered, and the next one is not due for another second.
        sleep(Duration::from_millis(500)).await;
        match self {
            Self::H1a => late(proxy, recorder, Duration::from_millis(4_800)).await,
            Self::H1b => late(proxy, recorder, Duration::from_millis(9_800)).await,
            Self::H2 | Self::H2n => {
                proxy.cut();
                Ok(())
            }
            Self::H3 => {
                let leader = holder(recorder);
                proxy.cut();
                let taken = recorder.wait_for(Duration::from_secs(30), |versions| {
                    versions.last().filter(|last| last.holder != leader).map(|_| ())
                });
                taken.await?;
                // The others must read the Lease before the next renewal of the new leader.
                renewal(recorder).await?;
                proxy.heal();
                Ok(())
            }
        }
    }
}

/// The next renewal is applied at once and answered late; nothing goes through after that.
async fn late(proxy: &Proxy, recorder: &Recorder, by: Duration) -> Outcome {
    proxy.let_answers(false);
    renewal(recorder).await?;
    sleep(by).await;
    proxy.let_requests(false);
    proxy.let_answers(true);
    sleep(Duration::from_millis(100)).await;
    proxy.let_answers(false);
    Ok(())
}

/// Waits for the next renewal.
async fn renewal(recorder: &Recorder) -> Outcome {
    let so_far = recorder.versions().len();
    let next = recorder
        .wait_for(Duration::from_secs(10), |versions| (versions.len() > so_far).then_some(()));
    Ok(next.await?)
}

fn holder(recorder: &Recorder) -> String {
    recorder.versions().last().map(|last| last.holder.clone()).unwrap_or_default()
}
