#!/usr/bin/env python3
"""Records how a real kube-apiserver prints objects as rows of a Table.

  scripts/tables-record.py KUBECONFIG

Writes crates/kunobi-ha-test/src/table/columns.json: the columns of every type that can be listed, and of
Scale. Reads tests/objects.yaml beside it, creates each object with its status, and writes
tests/recorded.json: the object as it was stored, when it was printed, and its row. Reads
crates/kunobi-ha-test/src/crd/columns/tests/paths.json, makes a version of a custom type with a column for each
path, and writes recorded.json: the cell, or that there is no such column. Needs kubectl and PyYAML, makes a
namespace, and deletes each object again.
"""
import datetime
import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

import yaml

FOLDER = pathlib.Path(__file__).parent.parent / "crates/kunobi-ha-test/src"
NAMESPACE = "h-tables"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
DELETE = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Background"}
PORT = 31777


def send(method, path, body=None, accept="application/json", kind="application/json"):
    """The answer to a request through `kubectl proxy`."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": accept, "Content-Type": kind, "User-Agent": "tables"}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, json.loads(text) if text.startswith("{") else text


def must(method, path, *arguments, **options):
    status, answer = send(method, path, *arguments, **options)
    assert 200 <= status < 300, f"{method} {path}: {answer}"
    return answer


class Columns:
    """Tables by the name of their type, with each description once."""

    def __init__(self):
        self.descriptions = []
        self.tables = {}

    def add(self, name, definitions):
        rows = []
        for column in definitions:
            if column["description"] not in self.descriptions:
                self.descriptions.append(column["description"])
            number = self.descriptions.index(column["description"])
            rows.append([column["name"], column["type"], column["format"], number, column["priority"]])
        self.tables[name] = rows

    def text(self, release):
        descriptions = ",\n".join(map(json.dumps, self.descriptions))
        tables = ",\n".join(f"{json.dumps(name)}:{json.dumps(rows)}" for name, rows in self.tables.items())
        head = f'{{"kubernetes":{json.dumps(release)},"descriptions":['
        return f"{head}\n{descriptions}\n],\"tables\":{{\n{tables}\n}}}}\n"


def collection(resource, namespace=NAMESPACE):
    group, version = resource["group"], resource["version"]
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    within = f"/namespaces/{namespace}" if resource["namespaced"] else ""
    return f"{root}{within}/{resource['plural']}"


def record_columns(resources, release):
    columns = Columns()
    for resource in resources:
        if not {"get", "create"} <= set(resource["verbs"]):
            continue
        name = ".".join(filter(None, [resource["plural"], resource["group"]]))
        answer = must("GET", collection(resource) + "?limit=1", accept=TABLE)
        if name not in columns.tables:
            columns.add(name, answer["columnDefinitions"])
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
    pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": pod}
    must("POST", path, {"metadata": {"name": "scaled"}, "spec": spec})
    answer = must("GET", f"{path}/scaled/scale", accept=TABLE)
    columns.add("scale.autoscaling", answer["columnDefinitions"])
    must("DELETE", f"{path}/scaled", DELETE)
    (FOLDER / "table/columns.json").write_text(columns.text(release))


def created(path, entry):
    """Creates the object, and writes its status and what else the entry asks for."""
    sent = entry["object"]
    name = sent["metadata"]["name"]
    if entry.get("deleted"):
        sent["metadata"]["finalizers"] = ["example.com/kept"]
    must("POST", path, sent)
    if sent["kind"] in ["CustomResourceDefinition", "FlowSchema"]:
        # A controller within the server writes the status at once.
        time.sleep(1)
    for place in ["approval", "status"]:
        if place in entry:
            answer = must("GET", f"{path}/{name}")
            status = {**answer.get("status", {}), **entry[place]}
            must("PUT", f"{path}/{name}/{place}", {**answer, "status": status})
    if entry.get("deleted"):
        must("DELETE", f"{path}/{name}?gracePeriodSeconds={entry['deleted']}")


def removed(path, entry):
    send("PATCH", path, {"metadata": {"finalizers": None}}, kind="application/merge-patch+json")
    send("DELETE", path, DELETE)
    if entry["object"]["kind"] == "Namespace":
        send("PUT", f"{path}/finalize", {"metadata": {"name": path.split("/")[-1]}, "spec": {}})
    if entry.get("deleted"):
        for _ in range(50):
            if send("GET", path)[0] == 404:
                break
            time.sleep(0.1)


def record_row(resources, entry):
    sent = entry["object"]
    group, _, version = sent["apiVersion"].rpartition("/")
    resource = next(
        r for r in resources if (r["group"], r["version"], r["kind"]) == (group, version, sent["kind"])
    )
    path = f"{collection(resource)}/{sent['metadata']['name']}"
    try:
        created(collection(resource), entry)
        answer = must("GET", path + "?includeObject=None", accept=TABLE)
        now = datetime.datetime.now(datetime.timezone.utc)
        # All events are stored in their first form.
        stored = must("GET", path.replace("/apis/events.k8s.io/v1/", "/api/v1/"))
    finally:
        removed(path, entry)
    stored["metadata"].pop("managedFields", None)
    row = {key: value for key, value in answer["rows"][0].items() if key != "object"}
    record = {"note": entry["note"], "now": now.isoformat(), "object": stored, "row": row}
    return json.dumps(record, sort_keys=True)


def definition(paths):
    """A custom type with a version for each path: a path that can't be read ends the columns of a version."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = []
    for number, path in enumerate(paths, 1):
        column = {"name": "Cell", "type": "string", "jsonPath": path}
        served = {"name": f"v{number}", "served": True, "storage": number == 1, "schema": schema}
        versions.append({**served, "additionalPrinterColumns": [column]})
    names = {"plural": "paths", "singular": "path", "kind": "Path", "listKind": "PathList"}
    spec = {"group": "h.example.com", "scope": "Cluster", "names": names, "versions": versions}
    return {"metadata": {"name": "paths.h.example.com"}, "spec": spec}


def record_paths():
    folder = FOLDER / "crd/columns/tests"
    cases = json.loads((folder / "paths.json").read_text())
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    must("POST", definitions, definition(cases["paths"]))
    try:
        last = f"/apis/h.example.com/v{len(cases['paths'])}/paths"
        while send("GET", last)[0] != 200:
            time.sleep(0.1)
        group = "/apis/h.example.com"
        stored = must("POST", f"{group}/v1/paths", {"apiVersion": "h.example.com/v1", "kind": "Path", **cases["object"]})
        cells = []
        for number, path in enumerate(cases["paths"], 1):
            answer = must("GET", f"{group}/v{number}/paths/a?includeObject=None", accept=TABLE)
            cells.append(json.dumps([path, *answer["rows"][0]["cells"][1:]], ensure_ascii=False))
    finally:
        must("DELETE", f"{definitions}/paths.h.example.com", DELETE)
    stored["metadata"] = cases["object"]["metadata"]
    head = f'{{"object":{json.dumps(stored, ensure_ascii=False)},"cells":['
    (folder / "recorded.json").write_text(head + "\n" + ",\n".join(cells) + "\n]}\n")


def main():
    release = json.loads((FOLDER / "types/resources.json").read_text())["kubernetes"]
    resources = json.loads((FOLDER / "types/resources.json").read_text())["resources"]
    proxy = subprocess.Popen(["kubectl", "--kubeconfig", sys.argv[1], "proxy", "--port", str(PORT)], stdout=-3)
    try:
        time.sleep(2)
        assert must("GET", "/version")["gitVersion"] == release, f"this is not kube-apiserver {release}"
        send("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        send("POST", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", {"metadata": {"name": "default"}})
        record_columns(resources, release)
        record_paths()
        entries = yaml.safe_load((FOLDER / "table/tests/objects.yaml").read_text())
        rows, failures = [], []
        for entry in entries:
            try:
                rows.append(record_row(resources, entry))
            except AssertionError as failure:
                failures.append(f"{entry['note']}: {failure}")
        (FOLDER / "table/tests/recorded.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")
        if failures:
            sys.exit("\n".join(failures))
    finally:
        proxy.kill()


main()
