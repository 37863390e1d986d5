//! Requests in files, with the recorded answers of kube-apiserver.

use std::{fmt::Write as _, fs, time::Duration};

use bytes::Bytes;
use futures::future::join_all;
use http::{HeaderMap, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::{
    Arm,
    mask::{mask, masked},
    memory::Memory,
    rows::{Group, Purpose, Row, Table},
};

/// Makes a rule of each file.
macro_rules! tables {
    ($($name:ident)*) => {
        $(pub(crate) async fn $name(arm: &impl Arm) {
            check(arm, stringify!($name)).await;
        })*
    };
}

tables!(
    access changes configmaps coreobjects deployments discovery leases lists namespaces nodes otherobjects parameters
    plains podrules podspecs prints selectors subresources things typenames upgrades versions workloads zero
);

/// Sends all requests of a file and compares the answers. On kube-apiserver they are recorded
/// instead if the variable RECORD is set.
async fn check<A: Arm>(arm: &A, name: &str) {
    if arm.version().is_some_and(|version| !version.starts_with(RECORDED)) {
        return;
    }
    let table = Table::parse(&fs::read_to_string(file("rows", name, "txt")).unwrap());
    let mut faults = String::new();
    let mut answers = Vec::new();
    for group in &table.groups {
        let arm = if name == GUARDED { arm.guarded().await } else { arm.another().await };
        let found = run(&arm, &table.preamble, group, &mut faults).await;
        answers.push((group, found));
    }
    if arm.version().is_some() && std::env::var_os("RECORD").is_some() {
        fs::write(file("recorded", name, "json"), printed(&answers)).unwrap();
    } else {
        let recorded = fs::read_to_string(file("recorded", name, "json")).unwrap();
        let recorded: Value = serde_json::from_str(&recorded).unwrap();
        for (group, found) in &answers {
            let expected = recorded[&group.name].as_array().expect("they are recorded");
            compare(group, expected, found, arm.version().is_some(), &mut faults);
        }
    }
    assert!(faults.is_empty(), "{name}:\n{faults}");
}

fn compare(group: &Group, expected: &[Value], found: &[Value], is_real: bool, faults: &mut String) {
    let rows = group.rows.iter().filter(|row| row.purpose.is_compared());
    for ((at, row), found) in rows.enumerate().zip(found) {
        let expected = expected.get(at).unwrap_or(&Value::Null);
        assert_eq!(expected[0], row.title, "{}: record them again", group.name);
        let differences = differences("", &expected[1], found);
        let known = match &row.purpose {
            Purpose::Differ(reason) if !is_real => Some(reason),
            _ => None,
        };
        let text = match (known, differences.is_empty()) {
            (Some(reason), true) => format!("  no longer differs: {reason}\n"),
            (None, false) => differences,
            (Some(_), false) | (None, true) => continue,
        };
        writeln!(faults, "{}: {}\n{}{text}", group.name, row.title, row.body).unwrap();
    }
}

/// An answer as it came.
struct Received {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

async fn run(arm: &impl Arm, preamble: &[Row], group: &Group, faults: &mut String) -> Vec<Value> {
    let mut memory = Memory::new(arm.namespace());
    let mut answers = Vec::new();
    for row in preamble {
        let received = until(arm, row, &memory).await;
        let answer = received.answer(&mut memory);
        assert!(received.is_success() || received.status == 409, "{}: {answer}", row.title);
    }
    // Watches that follow each other change nothing, and take a second each.
    for rows in group.rows.chunk_by(|a, b| a.is_watch() && b.is_watch()) {
        let requests = rows.iter().map(|row| until(arm, row, &memory));
        for (row, received) in rows.iter().zip(join_all(requests).await) {
            memory.ask(&row.body);
            let answer = received.answer(&mut memory);
            if row.purpose.is_compared() {
                answers.push(answer);
            } else if !received.is_success() {
                let (group, row) = (&group.name, &row.title);
                writeln!(faults, "\n{group}: {row}\n  it must succeed: {answer}").unwrap();
            }
        }
    }
    answers
}

async fn until<A: Arm>(arm: &A, row: &Row, memory: &Memory) -> Received {
    let other = match row.client.as_deref() {
        None => None,
        Some(LIMITED) => Some(arm.client(LIMITED).await),
        Some(other) => panic!("there is no identity {other}: {}", row.title),
    };
    let arm = other.as_ref().unwrap_or(arm);
    for _ in 0..200 {
        let (status, headers, body) = arm.raw(request(row, memory)).await;
        if row.purpose != Purpose::Await || status == 200 {
            return Received { status, headers, body };
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not succeed in 10 s: {}", row.title);
}

fn request(row: &Row, memory: &Memory) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(row.method.clone()).uri(memory.fill(&row.target));
    for (name, value) in &row.headers {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::from(memory.fill(&row.body)))).expect("a request")
}

impl Received {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What is compared of it.
    fn answer(&self, memory: &mut Memory) -> Value {
        let documents = serde_json::Deserializer::from_slice(&self.body).into_iter();
        let documents: Result<Vec<Value>, _> =
            documents.filter(|read| !read.as_ref().is_ok_and(is_idle_bookmark)).collect();
        let mut body = match documents {
            Ok(mut documents) if documents.len() == 1 => documents.remove(0),
            Ok(documents) => documents.into(),
            Err(_) => String::from_utf8_lossy(&self.body).into(),
        };
        memory.learn(&body);
        mask(&mut body, memory);
        let mut answer = json!({ "status": self.status, "body": body });
        let warnings = self.header("warning").map(|text| masked(text, memory));
        let warnings: Vec<String> = warnings.collect();
        if !warnings.is_empty() {
            answer["warnings"] = warnings.into();
        }
        let kind = self.header("content-type").collect::<Vec<_>>().join(", ");
        if kind != "application/json" {
            answer["type"] = kind.into();
        }
        answer
    }

    fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }
}

/// Such a bookmark comes now and then, and says only how far the watch is.
fn is_idle_bookmark(event: &Value) -> bool {
    let places = ["/object/metadata/annotations", "/object/rows/0/object/metadata/annotations"];
    event["type"] == "BOOKMARK" && places.iter().all(|place| event.pointer(place).is_none())
}

/// Lists where two values differ, one place in a line.
fn differences(path: &str, expected: &Value, found: &Value) -> String {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let more = found.keys().filter(|key| !expected.contains_key(*key));
            let lines = expected.keys().chain(more).map(|key| {
                let path = format!("{path}.{key}");
                match (expected.get(key), found.get(key)) {
                    (Some(expected), Some(found)) => differences(&path, expected, found),
                    (Some(expected), None) => format!("  {path}: {expected} is missing\n"),
                    (None, Some(found)) => format!("  {path}: {found} is too much\n"),
                    (None, None) => String::new(),
                }
            });
            lines.collect()
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let pairs = expected.iter().zip(found).enumerate();
            pairs.map(|(at, (a, b))| differences(&format!("{path}[{at}]"), a, b)).collect()
        }
        _ if expected == found => String::new(),
        _ => format!("  {path}: {found}, expected {expected}\n"),
    }
}

/// JSON with one answer in a line.
fn printed(groups: &[(&Group, Vec<Value>)]) -> String {
    let groups = groups.iter().map(|(group, answers)| {
        let rows = group.rows.iter().filter(|row| row.purpose.is_compared()).zip(answers);
        let rows = rows.map(|(row, answer)| format!("[{},{answer}]", json!(row.title)));
        format!("{}: [\n{}\n]", json!(group.name), rows.collect::<Vec<_>>().join(",\n"))
    });
    format!("{{\n{}\n}}\n", groups.collect::<Vec<_>>().join(",\n"))
}

fn file(folder: &str, name: &str, extension: &str) -> String {
    format!("{}/{folder}/{name}.{extension}", crate::FILES)
}

impl Purpose {
    fn is_compared(&self) -> bool {
        matches!(self, Self::Compare | Self::Differ(_))
    }
}

/// Where roles decide.
const GUARDED: &str = "access";
/// A client that nobody has given any rights.
const LIMITED: &str = "limited";
/// The minor version of kube-apiserver whose answers are recorded.
const RECORDED: &str = "v1.37.";
