#!/usr/bin/env python3
"""Writes which resources a kube-apiserver with its defaults serves, for crates/kunobi-ha-test.

    scripts/kubernetes-resources.py ~/go/pkg/mod/k8s.io/kubernetes@v1.37.2

The argument is the Kubernetes module. Its discovery documents are of a server that serves every
version; by default only stable ones (v1, v2, ...) are served. Groups, versions and resources keep
the order in which the server lists them. The names of types are those of its OpenAPI document.
"""

import json
import pathlib
import re
import sys

OUTPUT = "crates/kunobi-ha-test/src/types/resources.json"


def read(path):
    return json.loads(path.read_text())


def type_names(module):
    """Group, version and kind -> the name of the type in the OpenAPI document."""
    names = {}
    for name, type_ in read(module / "api/openapi-spec/swagger.json")["definitions"].items():
        for kind in type_.get("x-kubernetes-group-version-kind", []):
            names.setdefault((kind["group"], kind["version"], kind["kind"]), name)
    return names


def stable_versions(discovery):
    """Each stable version that is served: its group, its name, its resources as they are listed."""
    yield "", "v1", read(discovery / "api__v1.json")["resources"]
    for group in read(discovery / "aggregated_v2.json")["items"]:
        name = group["metadata"]["name"]
        for version in group["versions"]:
            if re.fullmatch(r"v\d+", version["version"]):
                file = f"apis__{name}__{version['version']}.json"
                yield name, version["version"], read(discovery / file)["resources"]


def subresource(parent, entry, names):
    """The group and the version are given only where they differ from the parent's."""
    group, version = entry.get("group", ""), entry.get("version", "")
    key = (group, version) if version else (parent["group"], parent["version"])
    return {
        "name": entry["name"].split("/", 1)[1],
        "group": group,
        "version": version,
        "kind": entry["kind"],
        "verbs": entry["verbs"],
        # Options of streams (PodExecOptions) have no type: they are parameters, not a body.
        "type": names.get((*key, entry["kind"]), ""),
    }


def resources(group, version, entries, names):
    by_name = {}
    for entry in entries:
        if "/" in entry["name"]:
            parent = by_name[entry["name"].split("/", 1)[0]]
            parent["subresources"].append(subresource(parent, entry, names))
            continue
        kind = entry["kind"]
        list_kind = f"{kind}List" if (group, version, f"{kind}List") in names else ""
        assert bool(list_kind) == ("list" in entry["verbs"]), f"{kind} can be listed without a type"
        by_name[entry["name"]] = {
            "group": group,
            "version": version,
            "plural": entry["name"],
            "singular": entry["singularName"],
            "kind": kind,
            "list": list_kind,
            "type": names[(group, version, kind)],
            "shortNames": entry.get("shortNames", []),
            "categories": entry.get("categories", []),
            "namespaced": entry["namespaced"],
            "verbs": entry["verbs"],
            "hash": entry.get("storageVersionHash", ""),
            "subresources": [],
        }
    return by_name.values()


def main():
    module = pathlib.Path(sys.argv[1])
    names = type_names(module)
    release = module.name.split("@")[1]
    lines = [
        json.dumps(resource, separators=(",", ":"))
        for group, version, entries in stable_versions(module / "api/discovery")
        for resource in resources(group, version, entries, names)
    ]
    text = f'{{"kubernetes":"{release}","resources":[\n' + ",\n".join(lines) + "\n]}\n"
    output = pathlib.Path(__file__).parent.parent / OUTPUT
    output.parent.mkdir(exist_ok=True)
    output.write_text(text)


main()
