//! What `kubectl ha` tells of elections of both libraries on a real server.

use e2e::{
    candidate::Maker,
    plugin::{Written, kubectl_ha_into},
};
use kubectl_ha::Exit;
use rustix::process::Signal;
use serde_json::{Value, from_str};

use crate::{
    Outcome,
    world::{LIMIT, World},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plugin_tells_who_wrote_a_lease_and_what_happens_to_it() -> Outcome {
    let world = World::new("plugin").await?;
    let kubeconfig = world.plane.kubeconfig("admin")?.to_owned();
    let mut ours = world.candidate(Maker::Kunobi, "ours", "ours-1", &["--rejoin"])?;
    let theirs = world.candidate(Maker::ClientGo, "theirs", "theirs-1", &["--unique"])?;
    ours.leads(0, LIMIT).await?;
    theirs.leads(0, LIMIT).await?;

    for (lease, library, certainty) in
        [("ours", "kunobi-ha", "named"), ("theirs", "client-go", "fits")]
    {
        let words = format!("explain -n plugin {lease} --observe 3s -o json");
        let written = Written::default();
        let exit = kubectl_ha_into(&kubeconfig, &words, &written).await;
        let text = written.text();
        assert_eq!(exit, Exit::Fine, "{text}");
        // The first line says what it waits for.
        let told: Value = from_str(text.split_once('\n').map_or("", |(_, json)| json))?;
        assert_eq!(
            (&told["author"]["library"], &told["author"]["certainty"]),
            (&library.into(), &certainty.into())
        );
        let cadence = told["observed"]["cadenceSeconds"].as_f64().unwrap_or_default();
        assert!((0.4..0.8).contains(&cadence), "it renews every 0.5 s: {text}");
        assert_eq!(told["odd"], Value::Array(Vec::new()), "{text}");
    }

    // A crash, and a release.
    let mut second = world.candidate(Maker::Kunobi, "ours", "ours-2", &["--watch", "--rejoin"])?;
    let (written, lines) = (Written::default(), Written::default());
    let handover = "wait -n plugin ours --for=handover --timeout 30s";
    let story = async {
        // The watch has begun, and knows how often it is renewed.
        while lines.text().lines().count() < 6 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let killed = ours.signal(Signal::KILL)?;
        let _ = second.leads(killed, LIMIT).await?;
        let told = lines.text().lines().count();
        let third = world.candidate(Maker::Kunobi, "ours", "ours-3", &["--watch"])?;
        while lines.text().lines().count() < told + 3 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let asked = second.signal(Signal::TERM)?;
        third.leads(asked, LIMIT).await?;
        while !lines.text().contains("\"ours-3\"") {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Outcome::Ok(())
    };
    let watch = kubectl_ha_into(&kubeconfig, "watch -n plugin ours -o json", &lines);
    let (waited, done) = tokio::select! {
        exit = watch => panic!("it ended: {exit:?}: {}", lines.text()),
        both = async { tokio::join!(kubectl_ha_into(&kubeconfig, handover, &written), story) } => both,
    };
    done?;
    assert_eq!(
        (waited, written.text().as_str()),
        (Exit::Fine, "lease.coordination.k8s.io/ours condition met\n")
    );
    let events: Vec<Value> = lines.text().lines().map(from_str).collect::<Result<_, _>>()?;
    let events: Vec<&Value> = events.iter().filter(|event| event["event"] != "renewed").collect();
    let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!(
        names,
        ["found", "slow", "slow", "missed", "taken-over", "released", "taken-over"],
        "{}",
        lines.text()
    );
    // A watching follower takes it when it has run out.
    let gap = &events[4]["gap"];
    let vacant = gap["vacantSeconds"].as_f64().unwrap_or(f64::MAX);
    assert!(vacant < 1.0 && gap["exact"] == true, "{gap}");
    let gap = events[6]["gap"]["vacantSeconds"].as_f64().unwrap_or(f64::MAX);
    assert!(gap < 1.0, "{gap}");
    println!("a crash: {vacant:.3} s without a holder; a release: {gap:.3} s");
    Ok(())
}
