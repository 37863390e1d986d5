#!/usr/bin/env python3
"""Writes the fields of the built-in types of Kubernetes as the table that kunobi-ha-test reads.

  scripts/kubernetes-fields.py FOLDER > crates/kunobi-ha-test/src/shape/fields.txt

FOLDER: the Go module k8s.io/kubernetes; `cd interop && go list -m -f '{{.Dir}}' k8s.io/kubernetes`.
"""
import glob
import json
import re
import sys

SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": "microtime",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intorstring",
}
# Any JSON, by their Go types.
ANY = {
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apimachinery.pkg.runtime.RawExtension",
}
# Kinds that are sent and are no resource of their own.
EXTRA = [
    "io.k8s.api.autoscaling.v1.Scale",
    "io.k8s.api.policy.v1.Eviction",
    "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Status",
]


class Table:
    def __init__(self, definitions, values, pointers):
        self.definitions = definitions
        # The fields that Go writes even if they are empty, as their types are no pointers.
        self.values = values
        # The fields that Go leaves out if they are not stated, but not if they are zero.
        self.pointers = pointers
        self.queue = []
        self.lines = {}

    def shape(self, schema):
        """A scalar by its name, [items], {values}, or the name of a type."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/definitions/")
            if name in ANY:
                return "any"
            if name in SCALARS:
                return SCALARS[name]
            self.queue.append(name)
            return name.removeprefix("io.k8s.")
        kind = schema.get("type")
        if kind == "array":
            return f"[{self.shape(schema['items'])}]" + self.list(schema)
        if kind == "object":
            if "additionalProperties" not in schema:
                return "any"
            atomic = "%atomic" if schema.get("x-kubernetes-map-type") == "atomic" else ""
            return f"{{{self.shape(schema['additionalProperties'])}}}{atomic}"
        return {
            ("boolean", None): "boolean",
            ("integer", "int32"): "int32",
            ("integer", "int64"): "int64",
            ("number", "double"): "number",
            ("string", "byte"): "bytes",
            ("string", None): "string",
        }[kind, schema.get("format")]

    def list(self, schema):
        match schema.get("x-kubernetes-list-type"):
            case "set":
                return "%set"
            case "map":
                return "%map=" + ",".join(schema["x-kubernetes-list-map-keys"])
        return ""

    def patch(self, schema):
        strategies = schema.get("x-kubernetes-patch-strategy", "").split(",")
        text = ""
        if "merge" in strategies:
            text += "~merge"
            if "x-kubernetes-patch-merge-key" in schema:
                text += "=" + schema["x-kubernetes-patch-merge-key"]
        if "retainKeys" in strategies:
            text += "~retain"
        return text

    def add(self, name):
        definition = self.definitions[name]
        required = set(definition.get("required", []))
        fields = []
        if definition.get("x-kubernetes-map-type") == "atomic":
            fields.append("%atomic")
        for field, schema in sorted(definition.get("properties", {}).items()):
            shape = self.shape(schema)
            is_scalar = re.fullmatch("[a-z0-9]+", shape) and shape != "any"
            mark = ("!" if field in required else "") + ("^" if (name, field) in self.values else "")
            mark += "?" if is_scalar and (name, field) in self.pointers else ""
            fields.append(f"{field}{mark}:{shape}{self.patch(schema)}")
        self.lines[name] = " ".join([name.removeprefix("io.k8s."), *fields])

    def all(self, roots):
        self.queue.extend(roots)
        while self.queue:
            name = self.queue.pop()
            if name not in self.lines:
                self.add(name)


def values(folder):
    """The fields that Go always writes: structs, which the newer document gives a default, and others by
    the tags of the Go types."""
    found = set(tagged(folder, always))
    for file in glob.glob(f"{folder}/api/openapi-spec/v3/*.json"):
        schemas = json.load(open(file)).get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            for field, of in schema.get("properties", {}).items():
                if of.get("default") == {}:
                    found.add((name, field))
    return found


def tagged(folder, choose):
    """The fields that `choose` picks from the Go types, as (type, name in JSON)."""
    version = folder.rstrip("/").rsplit("@v1", 1)[1]
    for module in ["api", "apimachinery", "apiextensions-apiserver", "kube-aggregator"]:
        source = f"{folder}/../{module}@v0{version}"
        for file in glob.glob(f"{source}/**/v[0-9]*/*.go", recursive=True):
            package = file.removeprefix(f"{source}/").rsplit("/", 1)[0].replace("/", ".")
            types = go_types(open(file).read())
            for name in types:
                for field in choose(types, name):
                    yield f"io.k8s.{module}.{package}.{name}", field


def go_types(source):
    """The structs of a Go file: their fields as (type, name in JSON, options); no type of embedded ones."""
    types = {}
    for name, body in re.findall(r"^type (\w+) struct \{\n(.*?)^\}", source, re.M | re.S):
        fields = re.findall(r'^\t(?:\w+\s+)?(\S+)\s+`json:"([^",]*)([^"]*)"', body, re.M)
        types[name] = [(kind, field, options.split(",")) for kind, field, options in fields]
    return types


def always(types, name):
    for kind, field, options in types.get(name, []):
        if "inline" in options or not field:
            yield from always(types, kind)
        elif "omitzero" in options or kind.startswith(("*", "[", "map[")):
            continue
        elif "omitempty" not in options or re.fullmatch(r"(metav1\.|resource\.)?((Micro)?Time|Quantity)", kind):
            yield field


def pointers(types, name):
    for kind, field, options in types.get(name, []):
        if "inline" in options or not field:
            yield from pointers(types, kind)
        elif kind.startswith("*"):
            yield field


def main():
    definitions = json.load(open(f"{sys.argv[1]}/api/openapi-spec/swagger.json"))["definitions"]
    table = Table(definitions, values(sys.argv[1]), set(tagged(sys.argv[1], pointers)))
    served = [
        name
        for name, definition in definitions.items()
        for of in definition.get("x-kubernetes-group-version-kind", [])
        if re.search(r"\.v\d+\.[A-Za-z]+$", name) and re.fullmatch(r"v\d+", of["version"])
        and "items" not in definition.get("properties", {})
    ]
    table.all(served + EXTRA)
    print("# Made by scripts/kubernetes-fields.py. A line: a type, then its fields. `!`: required; `^`: never absent;")
    print("# `?`: a pointer in Go, so that zero is a value; `[…]`: a list; `{…}`: a map; `%`: how it is applied (else")
    print("# atomic); `~`: how a strategic patch merges it.")
    for _, line in sorted(table.lines.items()):
        print(line)


main()
