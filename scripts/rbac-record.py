#!/usr/bin/env python3
"""Records the roles and bindings that a real kube-apiserver begins with.

  scripts/rbac-record.py KUBECONFIG

Ask a control plane that nobody else has written to, started with
`--controllers=clusterrole-aggregation-controller`, so that the rules of aggregated roles are there. Writes
crates/kunobi-ha-test/src/store/access/bootstrap.json. Needs kubectl.
"""
import json
import pathlib
import subprocess
import sys

FILE = pathlib.Path(__file__).parent.parent / "crates/kunobi-ha-test/src/store/access/bootstrap.json"
GROUP = "rbac.authorization.k8s.io/v1"
KINDS = {
    "clusterroles": "ClusterRole",
    "clusterrolebindings": "ClusterRoleBinding",
    "roles": "Role",
    "rolebindings": "RoleBinding",
}


def main():
    lines = []
    for resource, kind in KINDS.items():
        command = ["kubectl", "--kubeconfig", sys.argv[1], "get", "--raw", f"/apis/{GROUP}/{resource}"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        for item in json.loads(answer.stdout)["items"]:
            metadata = item["metadata"]
            for field in ["creationTimestamp", "managedFields", "resourceVersion", "uid"]:
                metadata.pop(field, None)
            whole = {"apiVersion": GROUP, "kind": kind, **item}
            lines.append(json.dumps(whole, separators=(",", ":"), sort_keys=True))
    assert any('"aggregationRule"' in line and '"rules":[' in line for line in lines), "nothing is aggregated"
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n")


main()
