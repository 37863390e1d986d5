//! `kubectl ha explain`.

mod odd;
mod promise;
mod report;

use std::time::Duration;

use tokio::time::Instant;

use self::report::{Observation, Report};
use crate::{
    api::Cluster,
    cli::{Access, ExplainOptions, ObjectFormat},
    console::Console,
    exit::Exit,
    failure::Failure,
    lease::Lease,
    say,
    sight::{Seen, Sight},
    track::What,
};

/// For how long it looks.
#[derive(Clone, Copy, Debug)]
enum Look {
    Once,
    For(Duration),
    /// Until enough renewals were seen.
    Briefly,
}

/// Looks at a Lease for a while, and says what that shows.
pub(crate) async fn run(
    access: &Access,
    options: &ExplainOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cluster = Cluster::connect(access, console).await?;
    let name = &options.lease.0;
    let look = match options.observe {
        Some(Duration::ZERO) => Look::Once,
        Some(time) => Look::For(time),
        None => Look::Briefly,
    };
    if let Some(time) = look.words() {
        console.note(format!("Looking at {}/{name} for {time} …", cluster.namespace()));
    }
    let (sight, lease) = Sight::of(&cluster, name).await?;
    let observation = observe(sight, &lease, look).await?;
    let report = Report::of(&observation);
    match options.output {
        None => {
            for line in report.lines() {
                console.line(line)?;
            }
        }
        Some(ObjectFormat::Json) => console.json(&report.json())?,
        Some(ObjectFormat::Yaml) => console.yaml(&report.json())?,
    }
    Ok(Exit::Fine)
}

impl Look {
    fn words(self) -> Option<String> {
        match self {
            Self::Once => None,
            Self::For(time) => Some(say::time(time)),
            Self::Briefly => {
                let more = MORE.as_secs();
                Some(format!("two renewals, at most {more}s longer than the Lease lasts"))
            }
        }
    }
}

async fn observe(mut sight: Sight, lease: &Lease, look: Look) -> Result<Observation, Failure> {
    let begin = Instant::now();
    let mut observation = Observation::begin(&sight, begin);
    let (bound, briefly) = match look {
        Look::Once => return Ok(observation),
        Look::For(time) => (time, false),
        Look::Briefly => (longest(lease), true),
    };
    let mut renewals = 0;
    while !(briefly && renewals >= ENOUGH) {
        match sight.next(begin + bound).await? {
            None => break,
            Some(Seen::Happened(happened)) => {
                renewals += happened.iter().filter(|what| what.is_another_renewal()).count();
                if happened.iter().any(|what| matches!(what, What::Deleted { .. })) {
                    return Err(Failure::NotFound(
                        "the Lease was deleted while it was looked at".into(),
                    ));
                }
                observation.saw(&sight, happened, Instant::now());
            }
            Some(Seen::Away(why)) => observation.trouble(why),
            Some(Seen::Back) => {}
        }
    }
    observation.end(&sight, Instant::now());
    Ok(observation)
}

/// How long to look at most, if nobody says: a Lease that is not renewed then has run out.
fn longest(lease: &Lease) -> Duration {
    let duration = lease.duration.filter(|_| lease.holder.is_some()).unwrap_or_default();
    duration.saturating_add(MORE).min(LONGEST)
}

const ENOUGH: usize = 2;
const MORE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);
