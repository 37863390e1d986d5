#!/usr/bin/env python3
"""Writes what the fields of the built-in types of Kubernetes may be and are by default, as kunobi-ha-test tells it.

  kubectl proxy --port 8001 &
  scripts/kubernetes-openapi.py http://localhost:8001 > crates/kunobi-ha-test/src/openapi/schemas/fields.json

The server must be a kube-apiserver of the release whose fields scripts/kubernetes-fields.py has: the documents in its
sources have no values.
"""
import json
import sys
import urllib.request


def get(path):
    with urllib.request.urlopen(sys.argv[1] + path) as answer:
        return json.load(answer)


def told(schema):
    """Structs have {} as their default, which the table of fields has already."""
    found = {name: schema[name] for name in ("enum", "default") if name in schema}
    if found.get("default") == {}:
        del found["default"]
    return found


def main():
    types = {}
    for path, of in get("/openapi/v3")["paths"].items():
        if not path.startswith(("api/", "apis/")) or path.count("/") != (1 if path.startswith("api/") else 2):
            continue
        for name, schema in get(of["serverRelativeURL"])["components"]["schemas"].items():
            fields = {field: told(of) for field, of in schema.get("properties", {}).items()}
            fields = {field: of for field, of in fields.items() if of}
            if name.startswith("io.k8s.") and fields:
                types[name.removeprefix("io.k8s.")] = fields
    lines = (f"{json.dumps(name)}:{json.dumps(types[name], separators=(',', ':'))}" for name in sorted(types))
    print("{\n" + ",\n".join(lines) + "\n}")


main()
