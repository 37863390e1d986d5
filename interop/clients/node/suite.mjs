// Does with Node's client what operators do, step by step, and prints a line of JSON for each: its name, and what was
// wrong with it.
//
//   node suite.mjs --kubeconfig FILE

import * as k8s from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const GROUP = "node.example.com";
const PLURAL = "slots";
const STEPS = [];

// The clients of one API server, and a namespace of the step's own.
class World {
  constructor(config, number) {
    this.config = config;
    this.core = config.makeApiClient(k8s.CoreV1Api);
    this.apps = config.makeApiClient(k8s.AppsV1Api);
    this.custom = config.makeApiClient(k8s.CustomObjectsApi);
    this.objects = k8s.KubernetesObjectApi.makeApiClient(config);
    this.namespace = `node-${String(number).padStart(2, "0")}-${Date.now() % 1_000_000}`;
  }

  async begin() {
    await this.core.createNamespace({ body: { metadata: { name: this.namespace } } });
  }

  map(name, data, labels) {
    const body = { metadata: { name, labels }, data };
    return this.core.createNamespacedConfigMap({ namespace: this.namespace, body });
  }

  patch(name, body, strategy) {
    const options = k8s.setHeaderOptions("Content-Type", strategy);
    return this.core.patchNamespacedConfigMap({ name, namespace: this.namespace, body }, options);
  }

  // What custom objects are addressed by.
  slots(rest) {
    return { group: GROUP, version: "v1", namespace: this.namespace, plural: PLURAL, ...rest };
  }
}

function step(name, run) {
  STEPS.push({ name, run });
}

async function refused(code, call) {
  try {
    await call;
  } catch (error) {
    assert.equal(error.code, code, `${error}`);
    return typeof error.body === "string" ? JSON.parse(error.body) : error.body;
  }
  assert.fail(`no refusal with ${code}`);
}

async function until(what, condition) {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (await condition()) return;
    await sleep(20);
  }
  assert.fail(`${what}: not within 10 s`);
}

step("typed: create, read, replace, list, delete", async (w) => {
  const { namespace } = w;
  await w.map("a", { k: "1" });
  const got = await w.core.readNamespacedConfigMap({ name: "a", namespace });
  got.data.k = "2";
  await w.core.replaceNamespacedConfigMap({ name: "a", namespace, body: got });
  const again = w.core.replaceNamespacedConfigMap({ name: "a", namespace, body: got });
  assert.equal((await refused(409, again)).reason, "Conflict");
  assert.equal((await w.core.listNamespacedConfigMap({ namespace })).items[0].data.k, "2");
  await w.core.deleteNamespacedConfigMap({ name: "a", namespace });
  await refused(404, w.core.readNamespacedConfigMap({ name: "a", namespace }));
});

step("typed: what is invalid is refused with its causes", async (w) => {
  const template = { spec: { containers: [] } };
  const body = { metadata: { name: "d" }, spec: { replicas: -1, selector: {}, template } };
  const refusal = await refused(422, w.apps.createNamespacedDeployment({ namespace: w.namespace, body }));
  const fields = refusal.details.causes.map((cause) => cause.field);
  for (const field of ["spec.replicas", "spec.selector"]) assert(fields.includes(field), `${fields}`);
});

step("typed: JSON, merge and strategic patches", async (w) => {
  await w.map("a", { k: "1" });
  const replace = [{ op: "replace", path: "/data/k", value: "2" }];
  assert.equal((await w.patch("a", replace, k8s.PatchStrategy.JsonPatch)).data.k, "2");
  const merged = await w.patch("a", { data: { k: null, l: "3" } }, k8s.PatchStrategy.MergePatch);
  assert.deepEqual(merged.data, { l: "3" });
  const body = { metadata: { labels: { by: "strategy" } } };
  const labelled = await w.patch("a", body, k8s.PatchStrategy.StrategicMergePatch);
  assert.equal(labelled.metadata.labels.by, "strategy");
});

step("typed: selectors and pages", async (w) => {
  const { namespace } = w;
  for (const name of ["a", "b", "c"]) await w.map(name, {}, { name });
  const selected = await w.core.listNamespacedConfigMap({ namespace, labelSelector: "name!=a,name" });
  assert.equal(selected.items.length, 2);
  const one = await w.core.listNamespacedConfigMap({ namespace, fieldSelector: "metadata.name=c" });
  assert.equal(one.items.length, 1);
  const names = [];
  let _continue;
  do {
    const page = await w.core.listNamespacedConfigMap({ namespace, limit: 2, _continue });
    names.push(...page.items.map((item) => item.metadata.name));
    _continue = page.metadata._continue;
  } while (_continue);
  assert.deepEqual(names, ["a", "b", "c"]);
});

step("typed: scale and status are subresources", async (w) => {
  const { namespace } = w;
  const labels = { app: "d" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
  const body = { metadata: { name: "d" }, spec: { selector: { matchLabels: labels }, template } };
  await w.apps.createNamespacedDeployment({ namespace, body });
  const merge = k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy.MergePatch);
  const scale = { name: "d", namespace, body: { spec: { replicas: 4 } } };
  await w.apps.patchNamespacedDeploymentScale(scale, merge);
  const status = { name: "d", namespace, body: { spec: { replicas: 9 }, status: { replicas: 2 } } };
  await w.apps.patchNamespacedDeploymentStatus(status, merge);
  const got = await w.apps.readNamespacedDeployment({ name: "d", namespace });
  assert.deepEqual([got.spec.replicas, got.status.replicas], [4, 2]);
});

step("typed: a dry run writes nothing", async (w) => {
  const { namespace } = w;
  const body = { metadata: { name: "a" } };
  await w.core.createNamespacedConfigMap({ namespace, body, dryRun: "All" });
  await refused(404, w.core.readNamespacedConfigMap({ name: "a", namespace }));
});

step("objects: create, apply, a conflict, force, read, delete", async (w) => {
  const map = (value) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: w.namespace },
    data: { k: value },
  });
  const apply = (value, manager, force) =>
    w.objects.patch(map(value), undefined, undefined, manager, force, k8s.PatchStrategy.ServerSideApply);
  await apply("1", "first");
  const conflict = await refused(409, apply("2", "second"));
  assert.match(conflict.message, /conflict with "first"/);
  assert.equal((await apply("2", "second", true)).data.k, "2");
  assert.equal((await w.objects.read(map())).data.k, "2");
  await w.objects.delete(map());
  await refused(404, w.objects.read(map()));
});

step("watch: added, modified, deleted, from a version", async (w) => {
  const { namespace } = w;
  const list = await w.core.listNamespacedConfigMap({ namespace });
  const seen = [];
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const options = { resourceVersion: list.metadata.resourceVersion };
  const watch = new k8s.Watch(w.config);
  const controller = await watch.watch(path, options, (type) => seen.push(type), () => {});
  await w.map("a", {});
  await w.patch("a", { data: { k: "v" } }, k8s.PatchStrategy.MergePatch);
  await w.core.deleteNamespacedConfigMap({ name: "a", namespace });
  await until("three events", () => seen.length === 3);
  controller.abort();
  assert.deepEqual(seen, ["ADDED", "MODIFIED", "DELETED"]);
});

step("watch: the server ends it after its timeout", async (w) => {
  const path = `/api/v1/namespaces/${w.namespace}/configmaps`;
  const ended = new EventTarget();
  const event = once(ended, "end");
  await new k8s.Watch(w.config).watch(path, { timeoutSeconds: 1 }, () => {}, () => ended.dispatchEvent(new Event("end")));
  await event;
});

step("informer: lists, follows, and has what there is", async (w) => {
  const { namespace } = w;
  await w.map("a", { k: "1" });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const informer = k8s.makeInformer(w.config, path, () => w.core.listNamespacedConfigMap({ namespace }));
  const seen = [];
  informer.on("add", (map) => seen.push(`add ${map.metadata.name}`));
  informer.on("update", (map) => seen.push(`update ${map.metadata.name}`));
  informer.on("delete", (map) => seen.push(`delete ${map.metadata.name}`));
  await informer.start();
  try {
    await until("the first", () => seen.length === 1);
    await w.map("b", {});
    await w.patch("a", { data: { k: "2" } }, k8s.PatchStrategy.MergePatch);
    await until("the changes", () => seen.length === 3);
    assert.deepEqual([...seen].sort(), ["add a", "add b", "update a"]);
    assert.equal(informer.get("a", namespace).data.k, "2");
    await w.core.deleteNamespacedConfigMap({ name: "b", namespace });
    await until("the deletion", () => seen.includes("delete b"));
    assert.deepEqual(informer.list(namespace).map((map) => map.metadata.name), ["a"]);
  } finally {
    await informer.stop();
  }
});

step("custom objects: define, create, list, watch, patch, status, delete", async (w) => {
  const extensions = w.config.makeApiClient(k8s.ApiextensionsV1Api);
  const name = `${PLURAL}.${GROUP}`;
  const properties = {
    spec: { type: "object", properties: { n: { type: "integer", minimum: 1 }, size: { type: "string", _default: "small" } } },
    status: { type: "object", properties: { taken: { type: "boolean" } } },
  };
  const version = {
    name: "v1",
    served: true,
    storage: true,
    subresources: { status: {} },
    schema: { openAPIV3Schema: { type: "object", properties } },
  };
  const spec = { group: GROUP, scope: "Namespaced", names: { plural: PLURAL, kind: "Slot" }, versions: [version] };
  await extensions.createCustomResourceDefinition({ body: { metadata: { name }, spec } });
  try {
    const isEstablished = (condition) => condition.type === "Established" && condition.status === "True";
    await until("established", async () => {
      const definition = await extensions.readCustomResourceDefinition({ name });
      return (definition.status?.conditions ?? []).some(isEstablished);
    });
    await customObjects(w);
  } finally {
    await extensions.deleteCustomResourceDefinition({ name });
  }
});

async function customObjects(w) {
  const slot = (name, n) => ({ apiVersion: `${GROUP}/v1`, kind: "Slot", metadata: { name }, spec: { n } });
  // The API is there a moment after the definition is established.
  await until("served", () => w.custom.listNamespacedCustomObject(w.slots()).then(() => true, () => false));
  const list = await w.custom.listNamespacedCustomObject(w.slots());
  const seen = [];
  const path = `/apis/${GROUP}/v1/namespaces/${w.namespace}/${PLURAL}`;
  const options = { resourceVersion: list.metadata.resourceVersion };
  const controller = await new k8s.Watch(w.config).watch(path, options, (type) => seen.push(type), () => {});
  const created = await w.custom.createNamespacedCustomObject(w.slots({ body: slot("a", 1) }));
  assert.equal(created.spec.size, "small", "the default of its schema");
  const refusal = await refused(422, w.custom.createNamespacedCustomObject(w.slots({ body: slot("b", 0) })));
  assert.match(refusal.message, /spec.n in body should be greater than or equal to 1/);
  const merge = k8s.setHeaderOptions("Content-Type", k8s.PatchStrategy.MergePatch);
  const patch = { name: "a", body: { spec: { n: 2 }, status: { taken: true } } };
  const patched = await w.custom.patchNamespacedCustomObject(w.slots(patch), merge);
  assert.deepEqual([patched.spec.n, patched.status], [2, undefined]);
  const status = await w.custom.patchNamespacedCustomObjectStatus(w.slots(patch), merge);
  assert.equal(status.status.taken, true);
  await w.custom.deleteNamespacedCustomObject(w.slots({ name: "a" }));
  await until("the events", () => seen.length === 4);
  controller.abort();
  assert.deepEqual(seen, ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]);
}

// Node's client does not know `tokenFile`.
function withTokens(kubeconfig) {
  for (const { user } of kubeconfig.users) {
    if (user.tokenFile) user.token = readFileSync(user.tokenFile, "utf8").trim();
  }
  return kubeconfig;
}

async function main() {
  const [option, file] = process.argv.slice(2);
  assert.equal(option, "--kubeconfig", "usage: suite.mjs --kubeconfig FILE");
  const config = new k8s.KubeConfig();
  config.loadFromString(k8s.dumpYaml(withTokens(k8s.loadYaml(readFileSync(file, "utf8")))));
  for (const [index, { name, run }] of STEPS.entries()) {
    const world = new World(config, index);
    let failure = null;
    try {
      await world.begin();
      await run(world);
    } catch (caught) {
      failure = `${caught?.stack ?? caught}`;
    }
    console.log(JSON.stringify({ step: name, failure }));
  }
  process.exit(0);
}

await main();
