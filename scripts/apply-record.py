#!/usr/bin/env python3
"""Records what a real kube-apiserver makes of the cases of server-side apply.

  scripts/apply-record.py KUBECONFIG

Reads crates/kunobi-ha-test/src/apply/tests/cases.yaml, writes recorded.json beside it. Needs kubectl and
PyYAML, and makes a namespace and a CustomResourceDefinition.
"""
import http.client
import json
import pathlib
import subprocess
import sys
import time
import urllib.parse

import yaml

FOLDER = pathlib.Path(__file__).parent.parent / "crates/kunobi-ha-test/src/apply/tests"
NAMESPACE = "apply-cases"
PATHS = {
    "ConfigMap": ("v1", f"/api/v1/namespaces/{NAMESPACE}/configmaps"),
    "Deployment": ("apps/v1", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"),
    "Event": ("v1", f"/api/v1/namespaces/{NAMESPACE}/events"),
    "Lease": ("coordination.k8s.io/v1", f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"),
    "Pod": ("v1", f"/api/v1/namespaces/{NAMESPACE}/pods"),
    "Thing": ("apply.example/v1", f"/apis/apply.example/v1/namespaces/{NAMESPACE}/things"),
}
SERVERS = ["creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion", "uid"]


class Server:
    def __init__(self, kubeconfig):
        command = ["kubectl", "--kubeconfig", kubeconfig, "proxy", "--port=0"]
        self.proxy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.proxy.stdout.readline().rsplit(":", 1)[1])

    def call(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Content-Type": kind, "User-Agent": "apply-record"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.load(answer)


def entry(managed):
    subresource = f"/{managed['subresource']}" if "subresource" in managed else ""
    name = f"{managed['manager']} {managed['operation']} {managed['apiVersion']}{subresource}"
    return name, {"timed": "time" in managed, "fields": managed["fieldsV1"]}


def recorded(code, body, managers_only):
    if body["kind"] == "Status":
        causes = [[c["field"], c["message"]] for c in body.get("details", {}).get("causes", [])]
        return {"code": code, "message": body["message"], "causes": causes}
    metadata = body.pop("metadata")
    step = {"managers": dict(entry(managed) for managed in metadata.get("managedFields", []))}
    if not managers_only:
        step["object"] = body
        step["metadata"] = {k: v for k, v in metadata.items() if k not in SERVERS}
    return step


def run(server, name, case):
    version, folder = PATHS[case["kind"]]
    path = f"{folder}/{name}"
    steps = []
    for step in case["steps"]:
        verb = next(v for v in ("create", "patch", "apply") if v in step)
        body = step[verb]
        if verb != "patch":
            metadata = {"name": name, **(body.get("metadata") or {})}
            body = {"apiVersion": version, "kind": case["kind"], **body, "metadata": metadata}
        query = {"fieldManager": step["by"], **({"force": "true"} if step.get("force") else {})}
        query = urllib.parse.urlencode(query)
        at = path + ("/status" if step.get("status") else "")
        method, at, kind = {
            "create": ("POST", folder, "application/json"),
            "patch": ("PATCH", at, "application/merge-patch+json"),
            "apply": ("PATCH", at, "application/apply-patch+yaml"),
        }[verb]
        code, answer = server.call(method, f"{at}?{query}", body, kind)
        text = json.dumps(answer).replace(name, "NAME")
        steps.append(recorded(code, json.loads(text), case.get("managers_only")))
    server.call("DELETE", path)
    server.call("PATCH", path, {"metadata": {"finalizers": None}}, "application/merge-patch+json")
    return steps


def main():
    server = Server(sys.argv[1])
    try:
        cases = yaml.safe_load((FOLDER / "cases.yaml").read_text())
        server.call("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
        server.call("POST", account, {"metadata": {"name": "default"}})
        definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        server.call("DELETE", f"{definitions}/things.apply.example")
        while server.call("POST", definitions, cases["crd"])[0] != 201:
            time.sleep(0.2)
        time.sleep(5)  # The type is served soon, and its schema is known to applies a little later.
        stamp = int(time.time())
        answers = {
            case["name"]: run(server, f"case-{stamp}-{number}", case)
            for number, case in enumerate(cases["cases"])
        }
    finally:
        server.proxy.kill()
    lines = []
    for name, steps in answers.items():
        steps = ",\n".join(json.dumps(step, sort_keys=True) for step in steps)
        lines.append(f"{json.dumps(name)}: [\n{steps}]")
    (FOLDER / "recorded.json").write_text("{\n" + ",\n".join(lines) + "}\n")


main()
