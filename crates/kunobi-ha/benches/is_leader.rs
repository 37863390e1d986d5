//! Compares `is_leader()` with a bare read of the same clock.

use criterion::{Criterion, criterion_group, criterion_main};
use kunobi_ha::leader::LeaderElection;
use kunobi_ha_test::TestServer;
use rustix::time::{ClockId, clock_gettime};

fn is_leader(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (state, _guard) = runtime.block_on(async {
        let server = TestServer::new();
        let client = kube::Client::new(server.service("a"), "default");
        let election = LeaderElection::builder(client, "default", "l").build();
        (election.state(), election.acquire().await.expect("the only candidate leads"))
    });
    assert!(state.is_leader());
    let mut group = criterion.benchmark_group("is_leader");
    group.bench_function("bare clock", |bencher| bencher.iter(|| clock_gettime(ClockId::Boottime)));
    group.bench_function("is_leader", |bencher| bencher.iter(|| state.is_leader()));
    group.finish();
}

criterion_group!(benches, is_leader);
criterion_main!(benches);
