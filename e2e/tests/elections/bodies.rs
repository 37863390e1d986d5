//! What both libraries write, field by field, as the server serves it.

use std::collections::BTreeSet;

use e2e::{candidate::Maker, history::Recorder};
use rustix::process::Signal;
use serde_json::Value;

use crate::{
    Outcome,
    world::{LIMIT, World},
};

/// The same steps with one of the two libraries: the objects of the Lease, and what each shows.
type Story = Vec<(&'static str, Value)>;

#[tokio::test(flavor = "multi_thread")]
async fn both_write_the_same_record() -> Outcome {
    let world = World::new("bodies").await?;
    let theirs = tell(&world, Maker::ClientGo, "theirs").await?;
    let ours = tell(&world, Maker::Kunobi, "ours").await?;
    println!("| write | field | client-go | kunobi-ha |");
    println!("|---|---|---|---|");
    for ((write, theirs), (_, ours)) in theirs.iter().zip(&ours) {
        compare(write, theirs, ours);
    }
    acquire_times(&theirs, &ours);
    kubectl(&world).await
}

/// Creates, renews, releases, takes over what was released, dies, and takes over from the dead.
async fn tell(world: &World, maker: Maker, lease: &str) -> Outcome<Story> {
    let recorder = Recorder::start(world.client.clone(), &world.namespace, lease).await?;
    let arguments: &[&str] = match maker {
        Maker::ClientGo => &["--release-on-cancel"],
        Maker::Kunobi => &[],
    };
    let mut first = world.candidate(maker, lease, "replica", arguments)?;
    renewed(&recorder, 0).await?;
    first.signal(Signal::TERM)?;
    first.ended().await?;
    let mut second = world.candidate(maker, lease, "replica", arguments)?;
    renewed(&recorder, 1).await?;
    second.signal(Signal::KILL)?;
    second.ended().await?;
    let mut third = world.candidate(maker, lease, "another", arguments)?;
    renewed(&recorder, 2).await?;
    third.signal(Signal::KILL)?;
    third.ended().await?;

    let objects = recorder.objects();
    let of = |transitions: i64, holder: &str| {
        let holder = holder.to_owned();
        objects.iter().filter(move |object| {
            object["spec"]["leaseTransitions"] == transitions
                && object["spec"]["holderIdentity"] == holder.as_str()
        })
    };
    let written = |object: Option<&Value>| object.cloned().ok_or("a write was not seen");
    Ok(vec![
        ("create", written(of(0, "replica").next())?),
        ("renew", written(of(0, "replica").next_back())?),
        ("release", written(of(0, "").next())?),
        ("take what is free", written(of(1, "replica").next())?),
        ("take what expired", written(of(2, "another").next())?),
    ])
}

/// Waits until the term with these transitions was renewed.
async fn renewed(recorder: &Recorder, transitions: u64) -> Outcome {
    let seen = recorder.wait_for(LIMIT, |versions| {
        let of_term = versions.iter().filter(|version| version.transitions == transitions);
        (of_term.filter(|version| !version.holder.is_empty()).count() > 2).then_some(())
    });
    Ok(seen.await?)
}

/// Prints both, and checks that they differ in the values of times only, and in nothing else.
fn compare(write: &str, theirs: &Value, ours: &Value) {
    let (theirs, ours) = (&theirs["spec"], &ours["spec"]);
    let fields = |spec: &Value| -> BTreeSet<String> {
        spec.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    for field in &fields(theirs) | &fields(ours) {
        println!("| {write} | {field} | {} | {} |", theirs[&field], ours[&field]);
        if field.ends_with("Time") {
            assert!(is_time(&theirs[&field]), "client-go, {write}: {field}");
            assert!(is_time(&ours[&field]), "ours, {write}: {field}");
        } else {
            assert_eq!(theirs[&field], ours[&field], "{write}: {field}");
        }
    }
    assert_eq!(fields(theirs), fields(ours), "{write}");
    assert_eq!(fields(ours).len(), 5, "{write}");
}

/// Checks that a term keeps its acquireTime, and that a takeover and a release have a new one.
fn acquire_times(theirs: &Story, ours: &Story) {
    for (maker, story) in [("client-go", theirs), ("ours", ours)] {
        let time =
            |index: usize, field: &str| story[index].1["spec"][field].as_str().map(str::to_owned);
        assert_eq!(time(0, "acquireTime"), time(1, "acquireTime"), "{maker}: a renewal");
        assert!(time(0, "renewTime") < time(1, "renewTime"), "{maker}: a renewal");
        for (old, new) in [(1, 2), (2, 3), (3, 4)] {
            assert_ne!(time(old, "acquireTime"), time(new, "acquireTime"), "{maker}: write {new}");
        }
    }
    for (write, object) in theirs.iter().filter(|(write, _)| *write != "renew") {
        assert_eq!(object["spec"]["acquireTime"], object["spec"]["renewTime"], "{write}");
    }
    // Our elector draws the microseconds, so that it recognises its own terms.
    for (write, object) in ours {
        let second = |field: &str| object["spec"][field].as_str().map(|time| time[..19].to_owned());
        if *write != "renew" {
            assert_eq!(second("acquireTime"), second("renewTime"), "{write}");
        }
    }
}

/// Tells whether the server accepts this time: UTC with six digits of a second.
fn is_time(value: &Value) -> bool {
    let form = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    value.as_str().is_some_and(|text| {
        text.len() == form.len()
            && text.chars().zip(form.chars()).all(|(shown, form)| match form {
                'd' => shown.is_ascii_digit(),
                form => shown == form,
            })
    })
}

/// Prints what `kubectl get lease` shows: it asks for the same table.
async fn kubectl(world: &World) -> Outcome {
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", world.namespace);
    let table = world.get(&path, TABLE).await?;
    println!("kubectl get lease:");
    crate::table::kubectl(&table);
    assert_eq!(table["rows"].as_array().map(Vec::len), Some(2));
    Ok(())
}

pub(crate) const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
