"""Does with Python's client what operators do, step by step, and prints a line of JSON for each: its name, and what
was wrong with it.

  suite.py --kubeconfig FILE
"""

import argparse
import json
import os
import threading
import time
import traceback

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

STEPS = []
CRD = "slots.python.example.com"


class World:
    """The clients of one API server, and a namespace of the step's own."""

    def __init__(self, number):
        self.api = client.ApiClient()
        self.core = client.CoreV1Api(self.api)
        self.apps = client.AppsV1Api(self.api)
        self.custom = client.CustomObjectsApi(self.api)
        self.namespace = f"python-{number:02}-{time.time_ns() % 1_000_000}"
        self.core.create_namespace({"metadata": {"name": self.namespace}})

    def dynamic(self):
        return dynamic.DynamicClient(self.api)

    def config_map(self, name, **fields):
        body = {"metadata": {"name": name, "labels": fields.pop("labels", None)}, **fields}
        return self.core.create_namespaced_config_map(self.namespace, body)


def step(name):
    def add(run):
        STEPS.append((name, run))
        return run

    return add


def want(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def refused(status, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except ApiException as error:
        want("status", error.status, status)
        return json.loads(error.body)
    raise AssertionError(f"no refusal with {status}")


@step("typed: create, read, replace, list, delete")
def life(w):
    w.config_map("a", data={"k": "1"})
    got = w.core.read_namespaced_config_map("a", w.namespace)
    got.data["k"] = "2"
    w.core.replace_namespaced_config_map("a", w.namespace, got)
    want("conflict", refused(409, w.core.replace_namespaced_config_map, "a", w.namespace, got)["reason"], "Conflict")
    want("listed", len(w.core.list_namespaced_config_map(w.namespace).items), 1)
    w.core.delete_namespaced_config_map("a", w.namespace)
    refused(404, w.core.read_namespaced_config_map, "a", w.namespace)


@step("typed: what is invalid is refused with its causes")
def invalid(w):
    body = {"metadata": {"name": "d"}, "spec": {"replicas": -1, "selector": {}, "template": {"spec": {"containers": []}}}}
    refusal = refused(422, w.apps.create_namespaced_deployment, w.namespace, body)
    fields = {cause["field"] for cause in refusal["details"]["causes"]}
    want("causes", {"spec.replicas", "spec.selector", "spec.template.spec.containers"} <= fields, True)


def deployment(name):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": labels}, "template": template}}


@step("typed: strategic, merge and JSON patches by the form of the body")
def patches(w):
    w.apps.create_namespaced_deployment(w.namespace, deployment("d"))
    side = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "s"}]}}}}
    got = w.apps.patch_namespaced_deployment("d", w.namespace, side)
    want("containers", [c.name for c in got.spec.template.spec.containers], ["side", "c"])
    got = w.apps.patch_namespaced_deployment("d", w.namespace, [{"op": "replace", "path": "/spec/replicas", "value": 3}])
    want("replicas", got.spec.replicas, 3)


@step("typed: scale and status are subresources")
def subresources(w):
    w.apps.create_namespaced_deployment(w.namespace, deployment("d"))
    w.apps.patch_namespaced_deployment_scale("d", w.namespace, {"spec": {"replicas": 4}})
    w.apps.patch_namespaced_deployment_status("d", w.namespace, {"spec": {"replicas": 9}, "status": {"replicas": 2}})
    got = w.apps.read_namespaced_deployment("d", w.namespace)
    want("spec and status", (got.spec.replicas, got.status.replicas), (4, 2))


@step("typed: selectors of labels and fields")
def selectors(w):
    for name in ["a", "b"]:
        w.config_map(name, labels={"name": name})
    want("labels", len(w.core.list_namespaced_config_map(w.namespace, label_selector="name!=a,name").items), 1)
    want("fields", len(w.core.list_namespaced_config_map(w.namespace, field_selector="metadata.name=a").items), 1)


@step("typed: pages by limit and _continue")
def pages(w):
    for number in range(5):
        w.config_map(f"m{number}")
    names, token = [], None
    while True:
        page = w.core.list_namespaced_config_map(w.namespace, limit=2, _continue=token)
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue
        if not token:
            break
    want("names", names, [f"m{number}" for number in range(5)])


@step("typed: a dry run writes nothing")
def dry_run(w):
    w.core.create_namespaced_config_map(w.namespace, {"metadata": {"name": "a"}}, dry_run="All")
    refused(404, w.core.read_namespaced_config_map, "a", w.namespace)


@step("typed: preconditions of a deletion")
def preconditions(w):
    w.config_map("a")
    other = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="another"))
    refused(409, w.core.delete_namespaced_config_map, "a", w.namespace, body=other)
    w.core.delete_namespaced_config_map("a", w.namespace)


@step("typed: deletecollection of a selection")
def collection(w):
    w.config_map("a", labels={"goes": "yes"})
    w.config_map("b")
    w.core.delete_collection_namespaced_config_map(w.namespace, label_selector="goes=yes")
    want("left", [item.metadata.name for item in w.core.list_namespaced_config_map(w.namespace).items], ["b"])


@step("typed: what is owned goes with its owner")
def owned(w):
    owner = w.config_map("owner")
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.metadata.uid}
    w.core.create_namespaced_secret(w.namespace, {"metadata": {"name": "s", "ownerReferences": [reference]}})
    w.core.delete_namespaced_config_map("owner", w.namespace, propagation_policy="Foreground")
    for _ in range(500):
        if not w.core.list_namespaced_secret(w.namespace).items:
            return
        time.sleep(0.02)
    raise AssertionError("the secret stays")


@step("typed: events of both groups are the same")
def events(w):
    about = {"kind": "ConfigMap", "name": "a", "namespace": w.namespace}
    body = {"metadata": {"name": "e"}, "involvedObject": about, "reason": "Tried", "type": "Normal", "message": "m"}
    body |= {"eventTime": "2026-01-02T03:04:05.000006Z", "action": "Try", "reportingComponent": "suite"}
    body |= {"reportingInstance": "suite-0"}
    w.core.create_namespaced_event(w.namespace, body)
    [event] = client.EventsV1Api(w.api).list_namespaced_event(w.namespace).items
    want("note", event.note, "m")


@step("typed: an access review")
def review(w):
    spec = {"resourceAttributes": {"namespace": w.namespace, "verb": "delete", "resource": "pods"}}
    answer = client.AuthorizationV1Api(w.api).create_self_subject_access_review({"spec": spec})
    want("allowed", answer.status.allowed, True)


@step("watch: added, modified, deleted, from a version")
def watches(w):
    version = w.core.list_namespaced_config_map(w.namespace).metadata.resource_version
    w.config_map("a")
    w.core.patch_namespaced_config_map("a", w.namespace, {"data": {"k": "v"}})
    w.core.delete_namespaced_config_map("a", w.namespace)
    stream = watch.Watch().stream(
        w.core.list_namespaced_config_map, w.namespace, resource_version=version, timeout_seconds=5
    )
    want("events", [next(stream)["type"] for _ in range(3)], ["ADDED", "MODIFIED", "DELETED"])


@step("watch: goes on where the server ended it")
def resumes(w):
    version = w.core.list_namespaced_config_map(w.namespace).metadata.resource_version
    threading.Timer(1.5, w.config_map, ["late"]).start()
    watcher, seen = watch.Watch(), []
    # The server ends the watch after a second; the client begins it again where it was.
    for _ in range(3):
        for event in watcher.stream(
            w.core.list_namespaced_config_map, w.namespace, resource_version=version, timeout_seconds=1
        ):
            seen.append(event["object"].metadata.name)
            version = event["object"].metadata.resource_version
    want("seen", seen, ["late"])


@step("dynamic client: server-side apply, and a conflict")
def applies(w):
    maps = w.dynamic().resources.get(api_version="v1", kind="ConfigMap")

    def apply(value, manager):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": value}}
        return maps.server_side_apply(body=body, name="a", namespace=w.namespace, field_manager=manager)

    apply("1", "first")
    refused(409, apply, "2", "second")
    want("data", apply("3", "first").data.k, "3")


@step("dynamic client: discovery of all types")
def discovers(w):
    found = w.dynamic().resources
    want("namespaced", found.get(api_version="apps/v1", kind="Deployment").namespaced, True)
    want("by a short name", found.get(short_names=["pdb"]).kind, "PodDisruptionBudget")


def define(w):
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {"size": {"type": "integer", "maximum": 10, "default": 1}},
            },
            "status": {"type": "object", "properties": {"ready": {"type": "boolean"}}},
        },
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    names = {"kind": "Slot", "plural": "slots", "singular": "slot"}
    spec = {"group": "python.example.com", "names": names, "scope": "Namespaced", "versions": [version]}
    extensions = client.ApiextensionsV1Api(w.api)
    try:
        extensions.create_custom_resource_definition({"metadata": {"name": CRD}, "spec": spec})
    except ApiException as error:
        want("status", error.status, 409)
    for _ in range(500):
        conditions = extensions.read_custom_resource_definition(CRD).status.conditions or []
        if any(each.type == "Established" and each.status == "True" for each in conditions):
            return ("python.example.com", "v1", w.namespace, "slots")
        time.sleep(0.02)
    raise AssertionError("the definition is not established")


def slot(name, **spec):
    return {"apiVersion": "python.example.com/v1", "kind": "Slot", "metadata": {"name": name}, "spec": spec}


@step("custom objects: defaults, pruning, validation")
def custom(w):
    place = define(w)
    got = w.custom.create_namespaced_custom_object(*place, slot("a", unknown=1))
    want("spec", got["spec"], {"size": 1})
    refused(422, w.custom.create_namespaced_custom_object, *place, slot("b", size=11))


@step("custom objects: a status of their own, a finalizer, a merge patch")
def custom_life(w):
    place = define(w)
    w.custom.create_namespaced_custom_object(*place, slot("a"))
    w.custom.patch_namespaced_custom_object_status(*place, "a", {"status": {"ready": True}, "spec": {"size": 9}})
    got = w.custom.patch_namespaced_custom_object(*place, "a", {"metadata": {"finalizers": ["example.com/hold"]}})
    want("object", (got["spec"], got["status"]), ({"size": 1}, {"ready": True}))
    w.custom.delete_namespaced_custom_object(*place, "a")
    held = w.custom.get_namespaced_custom_object(*place, "a")
    want("ends", "deletionTimestamp" in held["metadata"], True)
    w.custom.patch_namespaced_custom_object(*place, "a", {"metadata": {"finalizers": None}})
    refused(404, w.custom.get_namespaced_custom_object, *place, "a")


@step("utils: create_from_dict of several kinds")
def from_dict(w):
    items = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": w.namespace}},
        {"apiVersion": "apps/v1", "kind": "Deployment", **deployment("d")},
    ]
    for item in items:
        utils.create_from_dict(w.api, item, namespace=w.namespace)
    want("deployment", w.apps.read_namespaced_deployment("d", w.namespace).spec.replicas, 1)


@step("leader election: a Lease is acquired")
def elects(w):
    led = threading.Event()
    lock = LeaseLock("l", w.namespace, "me")
    options = electionconfig.Config(
        lock, lease_duration=3, renew_deadline=2, retry_period=1, onstarted_leading=led.set, onstopped_leading=None
    )
    threading.Thread(target=leaderelection.LeaderElection(options).run, daemon=True).start()
    want("leads", led.wait(10), True)
    lease = client.CoordinationV1Api(w.api).read_namespaced_lease("l", w.namespace)
    want("holder", lease.spec.holder_identity, "me")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kubeconfig", required=True)
    config.load_kube_config(arguments.parse_args().kubeconfig)
    for number, (name, run) in enumerate(STEPS):
        line = {"step": name}
        try:
            run(World(number))
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            line["failure"] = f"{type(error).__name__} at line {place.lineno}: {str(error)[:500]}"
        print(json.dumps(line), flush=True)
    # A thread of the election goes on; a normal end would abort.
    os._exit(0)


if __name__ == "__main__":
    main()
