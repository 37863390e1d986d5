//! What a candidate asked, by the audit log of the server.

use e2e::clock::on_boottime;
use jiff::Timestamp;
use serde_json::Value;

use crate::{Outcome, world::World};

/// Returns the verbs and codes of the requests for this Lease that a user made in this time.
pub(crate) fn requests(
    world: &World,
    lease: &str,
    user: &str,
    from: u64,
    until: u64,
) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for line in world.plane.audit()? {
        let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        if text("/objectRef/name") != lease || text("/user/username") != user {
            continue;
        }
        let received: Timestamp = text("/requestReceivedTimestamp").parse()?;
        let received = on_boottime(received);
        if (from..until).contains(&received) {
            let code = line["responseStatus"]["code"].as_u64().unwrap_or(0);
            let code = if code == 200 { String::new() } else { format!(" ({code})") };
            found.push(format!("{}{code}", text("/verb")));
        }
    }
    Ok(found)
}
