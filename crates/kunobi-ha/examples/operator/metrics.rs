//! What Prometheus scrapes.

use kunobi_ha::{LeaderState, metrics::Collector, readiness::Health, shutdown::Handle};
use prometheus_client::{encoding::text::encode, registry::Registry};

/// Returns what encodes the metrics of the election, of the checks and of the shutdown. A program that
/// counts more registers it here.
pub(crate) fn text(
    election: &LeaderState,
    health: &Health,
    stop: Handle,
) -> impl Fn() -> String + use<> {
    let mut registry = Registry::default();
    let collector = Collector::new().election(election).health(health).shutdown(stop);
    registry.register_collector(Box::new(collector));
    move || {
        let mut text = String::new();
        match encode(&mut text, &registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}
