#!/usr/bin/env python3
"""Writes the numbers that the fields of the built-in types of Kubernetes have in protobuf, as the table that
kunobi-ha-test reads.

  scripts/kubernetes-protobuf.py FOLDER > crates/kunobi-ha-test/src/protobuf/numbers.txt

FOLDER: the Go module k8s.io/kubernetes; `cd interop && go list -m -f '{{.Dir}}' k8s.io/kubernetes`.
"""
import glob
import pathlib
import re
import sys

# The types whose numbers are of use.
FIELDS = pathlib.Path(__file__).parent.parent / "crates/kunobi-ha-test/src/shape/fields.txt"

# The Go types that are any JSON in the table of fields, and how protobuf holds them.
ANY = {
    "JSON": "raw",
    "FieldsV1": "raw",
    "RawExtension": "raw",
    "JSONSchemaPropsOrArray": "array",
    "JSONSchemaPropsOrBool": "bool",
    "JSONSchemaPropsOrStringArray": "strings",
}
FIELD = re.compile(r'^\t(?:(\w+)\s+)?(\S+)\s+`json:"([^",]*)[^"]*"[^`]*\sprotobuf:"[^",]*,(\d+),[^`]*`', re.M)


def fields(body, package, imports):
    """The words of a type: `name=number`, then `<type` if the fields of that type stand among those of this one in
    JSON, `:how` if it is any JSON."""
    for declared, kind, name, number in FIELD.findall(body):
        bare = re.sub(r"^(?:\*|\[\]|map\[\w+\])+", "", kind)
        if not declared and not name:
            alias, _, local = bare.rpartition(".")
            yield f"={number}<{imports.get(alias, package)}.{local}"
            continue
        how = ANY.get(bare.rpartition(".")[2])
        yield f"{name}={number}" + (f":{how}" if how else "")


def main():
    folder = sys.argv[1].rstrip("/")
    version = folder.rsplit("@v1", 1)[1]
    lines = {}
    for module in ["api", "apimachinery", "apiextensions-apiserver", "kube-aggregator"]:
        source = f"{folder}/../{module}@v0{version}"
        for file in glob.glob(f"{source}/**/v[0-9]*/*.go", recursive=True):
            if "generated" in file:
                continue
            text = open(file).read()
            package = f"{module}/" + file.removeprefix(f"{source}/").rsplit("/", 1)[0]
            package = package.replace("/", ".")
            imports = {
                alias or path.rpartition("/")[2]: path.removeprefix("k8s.io/").replace("/", ".")
                for alias, path in re.findall(r'^\t(?:(\w+) )?"(k8s\.io/[^"]+)"', text, re.M)
            }
            for name, body in re.findall(r"^type (\w+) struct ?\{(?:\}|\n(.*?)^\})", text, re.M | re.S):
                lines[f"{package}.{name}"] = list(fields(body, package, imports))
    known = {line.split()[0] for line in open(FIELDS)}
    known |= {word.partition("<")[2] for name in known & lines.keys() for word in lines[name]}
    print("# Made by scripts/kubernetes-protobuf.py. A line: a type, then its fields with their numbers. `<`: its")
    print("# fields stand among those of this type in JSON; `:`: any JSON, and how protobuf holds it.")
    for name, words in sorted(lines.items()):
        if name in known:
            print(name, *words)


main()
