//! What an Event says of its occurrences. Clients write that in the fields of one API for Events, or in those of the other.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;

/// When it occurred last.
pub(crate) fn last(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref().and_then(|it| it.last_observed_time.as_ref());
    let last = || event.last_timestamp.as_ref().map(|it| it.0);
    series.map(|it| it.0).or_else(last).or_else(|| begun(event)).or_else(|| first(event))
}

/// When it occurred first.
pub(crate) fn first(event: &Event) -> Option<Timestamp> {
    let first = event.first_timestamp.as_ref().map(|it| it.0);
    let created = || event.metadata.creation_timestamp.as_ref().map(|it| it.0);
    first.or_else(|| begun(event)).or_else(created)
}

/// How often it occurred.
pub(crate) fn count(event: &Event) -> u32 {
    let series = event.series.as_ref().and_then(|it| it.count);
    let count = series.or(event.count).and_then(|it| u32::try_from(it).ok());
    count.unwrap_or(1).max(1)
}

/// Which program reports it.
pub(crate) fn source(event: &Event) -> Option<&str> {
    let component = || event.source.as_ref()?.component.as_deref();
    let given = |name: &&str| !name.is_empty();
    event.reporting_component.as_deref().filter(given).or_else(|| component().filter(given))
}

fn begun(event: &Event) -> Option<Timestamp> {
    event.event_time.as_ref().map(|it| it.0)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_fields_of_both_apis_are_read() {
        let first_api = json!({
            "firstTimestamp": "2026-11-27T09:00:00Z", "lastTimestamp": "2026-11-27T10:00:00Z", "count": 3,
            "eventTime": null, "reportingComponent": "", "source": { "component": "orders" },
        });
        let second_api = json!({
            "eventTime": "2026-11-27T09:00:00.000000Z", "reportingComponent": "orders",
            "series": { "count": 3, "lastObservedTime": "2026-11-27T10:00:00.000000Z" },
            "firstTimestamp": null, "lastTimestamp": null, "source": {},
        });
        for json in [first_api, second_api] {
            let event = event(&json);
            let times = [first(&event), last(&event)].map(|it| it.unwrap().to_string());
            assert_eq!(times, ["2026-11-27T09:00:00Z", "2026-11-27T10:00:00Z"], "{json}");
            assert_eq!((count(&event), source(&event)), (3, Some("orders")), "{json}");
        }
    }

    #[test]
    fn an_event_without_these_fields_occurred_once_when_it_was_created() {
        let created = "2026-11-27T09:00:00Z";
        let event = event(&json!({ "metadata": { "creationTimestamp": created } }));
        assert_eq!([first(&event), last(&event)], [created.parse().ok(); 2]);
        assert_eq!((count(&event), source(&event)), (1, None));
    }

    fn event(json: &Value) -> Event {
        serde_json::from_value(json.clone()).unwrap()
    }
}
