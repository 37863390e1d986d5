#!/usr/bin/env python3
"""Records what a real kube-apiserver answers when the objects of manifests.yaml are created.

  scripts/defaults-record.py KUBECONFIG

Reads crates/kunobi-ha-test/src/defaults/tests/manifests.yaml, writes answers.json beside it. Needs
kubectl and PyYAML, makes a namespace, and deletes each object again.
"""
import json
import pathlib
import re
import subprocess
import sys

import yaml

FOLDER = pathlib.Path(__file__).parent.parent / "crates/kunobi-ha-test/src/defaults/tests"
NAMESPACE = "h-defaults"
DELETE = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Background"}


def kubectl(*arguments, body=None):
    command = ["kubectl", "--kubeconfig", sys.argv[1], *arguments]
    sent = None if body is None else json.dumps(body)
    return subprocess.run(command, input=sent, capture_output=True, text=True, timeout=30)


def resources():
    """The plural of each kind, and whether it is in a namespace."""
    lines = kubectl("api-resources", "--no-headers").stdout.splitlines()
    return {line.split()[-1]: (line.split()[0], line.split()[-2] == "true") for line in lines}


def unadmitted(answer):
    """Takes away what admission plugins have added."""
    metadata = answer["metadata"]
    kept = [name for name in metadata.pop("finalizers", []) if "-protection" not in name]
    if kept:
        metadata["finalizers"] = kept
    if answer["kind"] == "Node":
        answer["spec"].pop("taints", None)
    if answer["kind"] != "Pod":
        return
    spec = answer["spec"]
    for field in ["preemptionPolicy", "priority", "serviceAccount", "serviceAccountName", "tolerations"]:
        spec.pop(field, None)
    for owner, field in [(spec, "volumes"), *((c, "volumeMounts") for c in spec["containers"])]:
        rest = [v for v in owner.pop(field, []) if not v["name"].startswith("kube-api-access-")]
        if rest:
            owner[field] = rest


def masked(answer):
    """Names what differs with each request."""
    metadata = answer["metadata"]
    uid = metadata["uid"]
    for field in ["creationTimestamp", "namespace", "resourceVersion"]:
        metadata.pop(field, None)
    for entry in metadata.get("managedFields", []):
        entry["time"] = "TIME"
    if "lastPhaseTransitionTime" in answer.get("status", {}):
        answer["status"]["lastPhaseTransitionTime"] = "TIME"
    for condition in answer.get("status", {}).get("conditions", []):
        condition["lastTransitionTime"] = "TIME"
    if answer["kind"] == "Service":
        spec = answer["spec"]
        names = {}
        for place in [*spec.get("ports", []), spec]:
            for field in ["nodePort", "healthCheckNodePort"]:
                if field in place:
                    place[field] = names.setdefault(place[field], f"PORT-{len(names)}")
    text = json.dumps(answer).replace(uid, "UID")
    return json.loads(re.sub(r'"10\.\d+\.\d+\.\d+"', '"ADDRESS"', text))


def main():
    kubectl("create", "namespace", NAMESPACE)
    kubectl("create", "serviceaccount", "default", "-n", NAMESPACE)
    kinds = resources()
    answers = {}
    for manifest in yaml.safe_load_all((FOLDER / "manifests.yaml").read_text()):
        version, kind, name = manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"]
        plural, is_namespaced = kinds[kind]
        place = f"/namespaces/{NAMESPACE}" if is_namespaced else ""
        path = f"/{'apis' if '/' in version else 'api'}/{version}{place}/{plural}"
        created = kubectl("create", "--raw", f"{path}?fieldManager=test", "-f", "-", body=manifest)
        if created.returncode:
            sys.exit(f"{name}: {created.stderr}")
        answer = json.loads(created.stdout)
        kubectl("delete", "--raw", f"{path}/{name}", "-f", "-", body=DELETE)
        if kind == "Namespace":
            # Without controllers nobody else ends it.
            kubectl("replace", "--raw", f"{path}/{name}/finalize", "-f", "-", body=manifest)
        if "finalizers" in answer["metadata"]:
            kubectl("patch", plural, name, "-n", NAMESPACE, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        unadmitted(answer)
        answers[name] = masked(answer)
    text = json.dumps(answers, indent=1, sort_keys=True)
    (FOLDER / "answers.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
