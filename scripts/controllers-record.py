#!/usr/bin/env python3
"""Records what the controllers of Kubernetes report while pods become ready, or end.

  scripts/controllers-record.py KUBECONFIG [NAME…]

Carries out crates/kunobi-ha-test/src/controllers/tests/scenarios.yaml, all or those of these names, and writes
recorded.json beside it. Needs kubectl, PyYAML, and a control plane without kubelets and scheduler:

  control-plane --dir DIR --controllers=deployment-controller,replicaset-controller,\
statefulset-controller,daemonset-controller,job-controller
"""
import atexit
import datetime
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import yaml

FOLDER = pathlib.Path(__file__).parent.parent / "crates/kunobi-ha-test/src/controllers/tests"
# Another one each time, since nobody collects what the last run has left.
NAMESPACE = f"h-controllers-{int(time.time())}"
GROUPS = {"Deployment": "apps", "StatefulSet": "apps", "DaemonSet": "apps", "Job": "batch"}
SETTLED, LONGEST = 2, 20


class Server:
    def __init__(self, kubeconfig):
        command = ["kubectl", "--kubeconfig", kubeconfig, "proxy", "--port", "0"]
        proxy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(proxy.terminate)
        self.url = "http://" + proxy.stdout.readline().split()[-1]

    def __call__(self, method, path, body=None, kind="application/json"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": kind}, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404 or method == "POST" and error.code == 409:
                return None
            sys.exit(f"{method} {path}: {error.read().decode()}")

    def patch(self, path, body):
        return self("PATCH", path, body, "application/merge-patch+json")


def completed(case):
    """The object with what it needs besides."""
    kind, name, spec = case["kind"], case["metadata"]["name"], dict(case["spec"])
    labels = {"app": name}
    template = {"metadata": {}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
        template["spec"].update(spec.get("template", {}).get("spec", {}))
    else:
        template["metadata"]["labels"] = labels
        spec["selector"] = {"matchLabels": labels}
    if kind == "StatefulSet":
        spec["serviceName"] = name
    spec["template"] = template
    return {"apiVersion": f"{GROUPS[kind]}/v1", "kind": kind, "metadata": case["metadata"], "spec": spec}


class Case:
    def __init__(self, server, case):
        self.server, self.object = server, completed(case["object"])
        kind, self.name = self.object["kind"], self.object["metadata"]["name"]
        self.folder = f"/apis/{self.object['apiVersion']}/namespaces/{NAMESPACE}/{kind.lower()}s"
        self.path = f"{self.folder}/{self.name}"
        label = "job-name" if kind == "Job" else "app"
        self.pods_folder = f"/api/v1/namespaces/{NAMESPACE}/pods"
        self.pods_path = f"{self.pods_folder}?labelSelector={label}%3D{self.name}"

    def settled(self):
        last, since = None, time.time()
        while time.time() < since + SETTLED:
            pods = [(pod["metadata"]["name"], pod["status"]) for pod in self.pods()]
            found = (self.server("GET", self.path).get("status"), pods)
            if found != last:
                last, since = found, time.time()
            time.sleep(0.2)
        return last[0]

    def pods(self):
        return self.server("GET", self.pods_path)["items"]

    def become(self, state):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        for pod in self.pods():
            conditions = pod["status"].get("conditions", [])
            is_ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
            if is_ready or pod["status"]["phase"] in ["Succeeded", "Failed"]:
                continue
            ready = {"type": "Ready", "status": "True", "lastTransitionTime": now}
            restarts = sum(c["restartCount"] for c in pod["status"].get("containerStatuses", []))
            container = {"name": "a", "image": "a", "imageID": "a", "ready": False, "restartCount": restarts + 1}
            restarted = {"phase": "Running", "containerStatuses": [container]}
            status = {"restart": restarted, "ready": {"phase": "Running", "conditions": [ready]},
                      "succeed": {"phase": "Succeeded"}, "fail": {"phase": "Failed"}}[state]
            self.server.patch(f"{self.pods_folder}/{pod['metadata']['name']}/status", {"status": status})

    def wait(self, status):
        end = time.time() + LONGEST
        while time.time() < end:
            if self.settled() != status:
                return

    def step(self, step, status):
        match step:
            case {"patch": patch}:
                self.server.patch(self.path, patch)
            case {"pods": state}:
                self.become(state)
            case {"delete": _}:
                self.server("DELETE", self.path)
            case {"wait": _}:
                self.wait(status)
            case _:
                sys.exit(f"no such step: {step}")

    def run(self, steps):
        if self.server("POST", self.folder, self.object) is None:
            sys.exit(f"there is a {self.path} already")
        statuses = [self.settled()]
        for step in steps:
            self.step(step, statuses[-1])
            statuses.append(self.settled())
        if "finalizers" in self.object["metadata"]:
            self.server.patch(self.path, {"metadata": {"finalizers": None}})
        return [self.masked(status) for status in statuses]

    def masked(self, status):
        text = re.sub(r'"\d{4}-[^"]*Z"', '"TIME"', json.dumps(status))
        return json.loads(re.sub(rf"\b{self.name}-[0-9a-z]+\b", f"{self.name}-HASH", text))


def main():
    server = Server(sys.argv[1])
    server("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    accounts = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
    server("POST", accounts, {"metadata": {"name": "default"}})
    for node in ["h-one", "h-two"]:
        server("POST", "/api/v1/nodes", {"metadata": {"name": node}})
        server.patch(f"/api/v1/nodes/{node}", {"spec": {"taints": None}})
    target = FOLDER / "recorded.json"
    recorded = json.loads(target.read_text()) if target.exists() else {}
    for case in yaml.safe_load((FOLDER / "scenarios.yaml").read_text()):
        name = case["object"]["metadata"]["name"]
        if sys.argv[2:] and name not in sys.argv[2:]:
            continue
        run = Case(server, case)
        recorded[name] = run.run(case["steps"])
        server("DELETE", f"{run.path}?propagationPolicy=Background")
    target.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
