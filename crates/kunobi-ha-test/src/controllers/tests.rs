mod odd;

use std::collections::BTreeMap;

use serde_json::json;

use super::*;

const SCENARIOS: &str = include_str!("tests/scenarios.yaml");
const RECORDED: &str = include_str!("tests/recorded.json");

/// An object, its controller and the time.
struct Case {
    controller: Controller,
    object: Value,
    memory: Memory,
    now: Timestamp,
    again: Option<Timestamp>,
}

#[test]
fn statuses_are_those_of_the_real_controllers_step_by_step() {
    let recorded: BTreeMap<String, Vec<Value>> = serde_json::from_str(RECORDED).unwrap();
    let scenarios: Vec<Value> = serde_saphyr::from_str(SCENARIOS).unwrap();
    let (mut compared, mut differences) = (0, Vec::new());
    for scenario in scenarios {
        let name = scenario["object"]["metadata"]["name"].as_str().unwrap().to_owned();
        let mut case = Case::new(&scenario["object"]);
        let mut steps = scenario["steps"].as_array().unwrap().iter();
        for (index, expected) in recorded[&name].iter().enumerate() {
            if index > 0 {
                case.carry_out(steps.next().unwrap());
            }
            case.settle();
            let status = masked(&name, &case.object["status"]);
            compared += 1;
            if status != *expected {
                differences.push(format!("{name} after step {index}: {status}\nis: {expected}\n"));
            }
        }
        assert_eq!(steps.next(), None, "{name}");
    }
    assert!(compared > 50, "{compared}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

impl Case {
    fn new(object: &Value) -> Self {
        let controller = match object["kind"].as_str().unwrap() {
            "Deployment" => Controller::deployments(),
            "Job" => Controller::jobs(),
            "StatefulSet" => Controller::stateful_sets(),
            "DaemonSet" => Controller::daemon_sets(),
            kind => panic!("no controller is for a {kind}"),
        };
        let fails = |job: &Value| job["metadata"]["annotations"]["fails"] == "true";
        let mut case = Self {
            controller: controller.after(AFTER).fails_if(fails),
            object: object.clone(),
            memory: Memory::default(),
            now: "2026-11-27T10:00:00.5Z".parse().unwrap(),
            again: None,
        };
        let defaults = match object["kind"].as_str().unwrap() {
            "Job" => json!({ "completions": 1, "parallelism": 1, "backoffLimit": 6 }),
            _ => json!({ "progressDeadlineSeconds": 600,
                         "strategy": { "rollingUpdate": { "maxSurge": "25%",
                                                          "maxUnavailable": "25%" } } }),
        };
        let mut spec = defaults;
        json_patch::merge(&mut spec, &object["spec"]);
        case.object["spec"] = spec;
        case.object["spec"]["template"]["metadata"] = json!({ "annotations": {} });
        case.object["metadata"]["generation"] = 1.into();
        case
    }

    fn carry_out(&mut self, step: &Value) {
        let spec = self.object["spec"].clone();
        if let Some(patch) = step.get("patch") {
            json_patch::merge(&mut self.object, patch);
        } else if let Some(state) = step.get("pods") {
            let fails = state == "fail" || state == "restart";
            self.object["metadata"]["annotations"] = json!({ "fails": fails.to_string() });
            let ready = self.now + SignedDuration::try_from(AFTER).unwrap();
            // A container is not started again at once.
            self.now = self.again.filter(|_| state == "restart").unwrap_or(ready);
        } else if step.get("wait").is_some() {
            self.now = self.again.unwrap();
        } else {
            assert!(step.get("delete").is_some(), "{step}");
            self.object["metadata"]["deletionTimestamp"] = "2026-11-27T10:00:00Z".into();
        }
        let generation = self.object["metadata"]["generation"].as_i64().unwrap();
        if self.object["spec"] != spec || step.get("delete").is_some() {
            self.object["metadata"]["generation"] = (generation + 1).into();
        }
    }

    /// Lets the controller do what it wants to do now.
    fn settle(&mut self) {
        let mut nodes = Nodes::default();
        for name in ["a", "b"] {
            assert!(nodes.set(name, Some(&json!({}))));
        }
        for _ in 0..10 {
            let step = self.controller.step(&self.object, &self.memory, self.now, &nodes);
            self.memory = step.memory;
            self.again = step.again;
            match step.act {
                Some(Act::Report(status)) => self.object["status"] = status,
                Some(Act::Delete) => panic!("it is deleted"),
                None => return,
            }
        }
        panic!("it comes to no end: {}", self.object);
    }
}

/// Longer than the deadlines of the scenarios.
const AFTER: Duration = Duration::from_secs(500);

/// A status without times and hashes.
fn masked(name: &str, status: &Value) -> Value {
    let text = status.to_string();
    let time = regex::Regex::new(r#""\d{4}-[^"]*Z""#).unwrap();
    let hash = regex::Regex::new(&format!(r"\b{name}-[0-9a-z]+\b")).unwrap();
    let text = time.replace_all(&text, "\"TIME\"");
    let text = hash.replace_all(&text, format!("{name}-HASH"));
    serde_json::from_str(&text).unwrap()
}
