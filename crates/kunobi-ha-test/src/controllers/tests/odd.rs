//! Objects that nobody has checked: `edit`, `inject` and snapshots take any.

use super::*;

const NUMBERS: &[&str] = &[
    "/metadata/generation",
    "/spec/activeDeadlineSeconds",
    "/spec/backoffLimit",
    "/spec/completions",
    "/spec/minReadySeconds",
    "/spec/parallelism",
    "/spec/progressDeadlineSeconds",
    "/spec/replicas",
    "/spec/strategy/rollingUpdate/maxSurge",
    "/spec/strategy/rollingUpdate/maxUnavailable",
    "/spec/ttlSecondsAfterFinished",
    "/spec/updateStrategy/rollingUpdate/maxSurge",
    "/spec/updateStrategy/rollingUpdate/maxUnavailable",
    "/spec/updateStrategy/rollingUpdate/partition",
    "/status/availableReplicas",
    "/status/currentNumberScheduled",
    "/status/failed",
    "/status/numberReady",
    "/status/observedGeneration",
    "/status/readyReplicas",
    "/status/replicas",
    "/status/succeeded",
    "/status/updatedNumberScheduled",
    "/status/updatedReplicas",
];

#[test]
fn no_value_of_a_number_is_too_odd() {
    for value in odd_values() {
        for pointer in NUMBERS {
            survive(&[(pointer, value.clone())]);
        }
        let all: Vec<_> = NUMBERS.iter().map(|pointer| (*pointer, value.clone())).collect();
        survive(&all);
    }
    let values = odd_values();
    for nth in 0..values.len() {
        let mixed = NUMBERS.iter().copied().zip(values.iter().cycle().skip(nth).cloned());
        survive(&mixed.collect::<Vec<_>>());
    }
}

fn odd_values() -> Vec<Value> {
    vec![
        i64::MIN.into(),
        (-1).into(),
        0.into(),
        3.into(),
        i64::MAX.into(),
        u64::MAX.into(),
        0.5.into(),
        "-9223372036854775808%".into(),
        "9223372036854775807%".into(),
        "x".into(),
        json!([]),
        json!({}),
        Value::Null,
    ]
}

/// Lets all controllers look at an object with these values, again and again.
fn survive(values: &[(&str, Value)]) {
    let is_bad = |object: &Value| object["metadata"]["name"] == "bad";
    let controllers = [
        Controller::daemon_sets(),
        Controller::deployments(),
        Controller::jobs(),
        Controller::stateful_sets(),
    ];
    for controller in controllers.map(|controller| controller.fails_if(is_bad)) {
        for name in ["good", "bad"] {
            let object = object(name, values);
            for mut case in
                [Case::at_work(&controller, &object), without_status(&controller, &object)]
            {
                case.work();
            }
        }
    }
}

fn object(name: &str, values: &[(&str, Value)]) -> Value {
    let mut object = json!({
        "metadata": { "name": name, "generation": 1 },
        "spec": { "completions": 3, "parallelism": 2, "strategy": { "rollingUpdate": {} },
                  "updateStrategy": { "rollingUpdate": {} } },
        "status": { "startTime": "2026-11-27T09:00:00Z" },
    });
    for (pointer, value) in values {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[field] = value.clone();
    }
    object
}

fn without_status(controller: &Controller, object: &Value) -> Case {
    let mut case = Case::at_work(controller, object);
    case.object["status"] = json!({});
    case
}

impl Case {
    fn at_work(controller: &Controller, object: &Value) -> Self {
        Self {
            controller: controller.clone(),
            object: object.clone(),
            memory: Memory::default(),
            now: "2026-11-27T10:00:00Z".parse().unwrap(),
            again: None,
        }
    }

    fn work(&mut self) {
        let mut nodes = Nodes::default();
        assert!(nodes.set("a", Some(&json!({}))));
        for _ in 0..5 {
            let step = self.controller.step(&self.object, &self.memory, self.now, &nodes);
            self.memory = step.memory;
            if let Some(Act::Report(status)) = step.act {
                self.object["status"] = status;
            }
            self.now = step.again.unwrap_or(self.now);
        }
    }
}
