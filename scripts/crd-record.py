#!/usr/bin/env python3
"""Asks a kube-apiserver what it says of the definitions and objects in
crates/kunobi-ha-test/src/crd/tests/cases.yaml, and writes its answers to recorded.json beside it.

    kubectl proxy & scripts/crd-record.py [NAME ...]

With names, only these cases are asked anew. Needs python3 with yaml and requests."""

import concurrent.futures
import copy
import json
import os
import pathlib
import sys
import time

import requests
import yaml

DIR = pathlib.Path(__file__).parent.parent / "crates/kunobi-ha-test/src/crd/tests"
GROUP = "cases.example.com"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Server:
    """What `kubectl proxy` serves."""

    def __init__(self):
        self.url = os.environ.get("SERVER", "http://127.0.0.1:8001")

    def ask(self, method, path, body=None):
        return requests.request(method, self.url + path, json=body)


SERVER = Server()


def merged(base, more):
    if isinstance(base, dict) and isinstance(more, dict):
        result = dict(base)
        for key, value in more.items():
            result[key] = merged(base[key], value) if key in base else value
        return result
    return more


def definition(case, plural, schema_of="schema"):
    version = {"name": "v1", "served": True, "storage": True}
    if schema_of in case:
        version["schema"] = {"openAPIV3Schema": case[schema_of]}
    version = merged(version, case.get("version", {}))
    kind = plural[:-1].capitalize()
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {"group": GROUP, "names": {"plural": plural, "kind": kind}, "scope": "Cluster",
                 "versions": [version]},
    }
    return merged(crd, case.get("crd", {}))


def outcome(answer):
    try:
        body = answer.json()
    except ValueError:
        return {"code": answer.status_code, "message": answer.text}
    result = {"code": answer.status_code}
    warnings = answer.raw.headers.getlist("Warning")
    if warnings:
        result["warnings"] = [json.loads(warning.split(" - ", 1)[1]) for warning in warnings]
    if answer.status_code >= 400:
        causes = body.get("details", {}).get("causes")
        if causes:
            result["causes"] = sorted(causes, key=lambda it: json.dumps(it, sort_keys=True))
        else:
            result["message"] = body.get("message")
    else:
        body.pop("metadata")
        result["object"] = body
    return result


def remove(path):
    SERVER.ask("DELETE", path)
    for _ in range(100):
        if SERVER.ask("GET", path).status_code == 404:
            return
        time.sleep(0.1)


def record_definition(case, plural):
    new = definition(case, plural)
    path = f"{CRDS}/{new['metadata']['name']}"
    if "old" not in case:
        return {"new": new, "answer": outcome(SERVER.ask("POST", CRDS + "?dryRun=All", new))}
    old = definition(case["old"], plural)
    remove(path)
    created = SERVER.ask("POST", CRDS, old)
    assert created.status_code == 201, created.text
    for _ in range(100):
        created = SERVER.ask("GET", path).json()
        if any(it["type"] == "Established" for it in created.get("status", {}).get("conditions") or []):
            break
        time.sleep(0.1)
    time.sleep(2)  # Its controllers write the status several times.
    sent = copy.deepcopy(new)
    sent["metadata"]["resourceVersion"] = SERVER.ask("GET", path).json()["metadata"]["resourceVersion"]
    result = {"old": old, "new": new,
              "answer": outcome(SERVER.ask("PUT", path + "?dryRun=All", sent))}
    remove(path)
    return result


def await_served(crd):
    path = f"/apis/{GROUP}/v1/{crd['spec']['names']['plural']}"
    for _ in range(300):
        if SERVER.ask("GET", path).status_code == 200:
            return path
        time.sleep(0.1)
    raise RuntimeError(path)


def record_objects(case, plural):
    crd = definition(case, plural)
    path = f"{CRDS}/{crd['metadata']['name']}"
    remove(path)
    first = definition(case, plural, "before") if "before" in case else crd
    created = SERVER.ask("POST", CRDS, first)
    assert created.status_code == 201, created.text
    objects_path = await_served(crd)
    results = []
    for index, each in enumerate(case["objects"]):
        meta = {"apiVersion": f"{GROUP}/v1", "kind": crd["spec"]["names"]["kind"],
                "metadata": {"name": f"x{index}"}}
        each = {field: merged(meta, value) if field in ("old", "new") else value
                for field, value in each.items()}
        if "old" in each:
            old = SERVER.ask("POST", objects_path, each["old"])
            assert old.status_code == 201, old.text
        results.append(each)
    if "before" in case:
        current = SERVER.ask("GET", path).json()
        current["spec"] = crd["spec"]
        updated = SERVER.ask("PUT", path, current)
        assert updated.status_code == 200, updated.text
        time.sleep(3)
    for each in results:
        object_path = f"{objects_path}/{each['new']['metadata']['name']}"
        if "old" in each:
            old = SERVER.ask("GET", object_path).json()
            sent = merged(each["new"], {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}})
            sub = "/status" if each.get("status") else ""
            answer = SERVER.ask("PUT", object_path + sub + "?dryRun=All", sent)
        else:
            answer = SERVER.ask("POST", objects_path + "?dryRun=All", each["new"])
        each["answer"] = outcome(answer)
    remove(path)
    return {"crd": crd, "objects": results}


def record(numbered):
    index, case = numbered
    plural = f"case{index}s"
    try:
        act = record_objects if "objects" in case else record_definition
        result = {"name": case["name"], **act(case, plural)}
        return {**result, "cel": True} if case.get("cel") else result
    except Exception as error:
        print(case["name"], repr(error), file=sys.stderr)
        raise


def main():
    cases = yaml.safe_load(open(DIR / "cases.yaml"))
    file = DIR / "recorded.json"
    known = {it["name"]: it for it in json.load(open(file))} if file.exists() else {}
    wanted = [(i, it) for i, it in enumerate(cases)
              if it["name"] not in known or len(sys.argv) == 1 or it["name"] in sys.argv[1:]]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for result in pool.map(record, wanted):
            known[result["name"]] = result
    ordered = [known[it["name"]] for it in cases]
    lines = ",\n".join(json.dumps(it, sort_keys=True) for it in ordered)
    file.write_text(f"[\n{lines}\n]\n")


main()
