#!/usr/bin/env python3
"""Lets a real Prometheus scrape three replicas of the example `operator`, which fail over twice, and asks it
every query of the dashboard and of the alerts: each must return data. scripts/monitoring.sh calls it."""

import argparse
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

LEASE = "kunobi-operator"  # Its name and its namespace, as the chart renders the rules.
REPLICAS = ["a", "b", "c"]
DASHBOARD = Path("deploy/helm/kunobi-operator/monitoring/dashboard.json")
# What Grafana would put in place of its variables.
VARIABLES = {"$__rate_interval": "15s", "$namespace": ".*", "$lease": ".*"}
LIMIT = 60  # Seconds that anything may take.


class Fleet:
    """What was started here. It ends with it, and nothing else does."""

    def __init__(self, options):
        self.options = options
        self.folder = Path(options.folder)
        self.running = {}
        self.ports = {name: free_port() for name in [*REPLICAS, "prometheus", "server"]}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()

    def start(self, name, command, **environment):
        log = open(self.folder / f"{name}.log", "a")
        path = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.folder)}
        self.running[name] = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**path, **environment}
        )

    def server(self):
        address = f"127.0.0.1:{self.ports['server']}"
        configs = self.folder / "kubeconfigs"
        command = [self.options.server, "--listen", address, "--clients", ",".join(REPLICAS)]
        self.start("server", [*command, "--kubeconfigs", str(configs), "--namespaces", LEASE])
        self.configs = {name: configs / f"{name}.kubeconfig" for name in REPLICAS}
        until("the API server listens", lambda: all(file.exists() for file in self.configs.values()))

    def replica(self, name):
        self.start(
            name,
            [self.options.operator],
            KUBECONFIG=str(self.configs[name]),
            POD_NAME=name,
            POD_NAMESPACE=LEASE,
            HA_LEASE=LEASE,
            HA_GRACE_PERIOD_SECONDS="10",
            PROBES=f"127.0.0.1:{self.ports[name]}",
        )

    def prometheus(self):
        targets = [
            {"targets": [f"127.0.0.1:{self.ports[name]}"], "labels": {"namespace": LEASE, "pod": name}}
            for name in REPLICAS
        ]
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "scrape_configs": [{"job_name": "operator", "static_configs": targets}],
            "rule_files": [str(Path(self.options.rules).resolve())],
        }
        file = self.folder / "prometheus.yml"
        file.write_text(json.dumps(config))
        self.url = f"http://127.0.0.1:{self.ports['prometheus']}/api/v1"
        self.start(
            "prometheus",
            [
                self.options.prometheus,
                f"--config.file={file}",
                f"--storage.tsdb.path={self.folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.ports['prometheus']}",
            ],
        )
        until("Prometheus answers", lambda: self.ask("query?query=vector(1)") is not None)

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"{self.url}/{path}", timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # It reads its files.
                return None
            raise Failed(f"{path}: {error.read().decode()}") from None
        except OSError:
            return None  # It has not begun to listen.

    def query(self, query):
        """Returns the samples, without those that are no number."""
        found = self.ask("query?" + urllib.parse.urlencode({"query": query}))
        return [sample for sample in found["result"] if sample["value"][1] != "NaN"]

    def leader(self):
        leading = self.query("leader_election_master_status == 1")
        return leading[0]["metric"]["pod"] if len(leading) == 1 else None

    def firing(self):
        found = self.ask("alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}

    def end(self, name, how):
        process = self.running.pop(name)
        process.send_signal(how)
        process.wait(LIMIT)


class Failed(Exception):
    pass


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(what, happened):
    end = time.monotonic() + LIMIT
    while not (result := happened()):
        if time.monotonic() > end:
            raise Failed(f"not in {LIMIT} s: {what}")
        time.sleep(0.2)
    return result


def of_dashboard():
    """Returns each query of the dashboard, with the panel that has it."""
    board = json.loads(DASHBOARD.read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], filled(target["expr"])


def filled(query):
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    return query


def of_variables():
    """Returns the label that each variable lists, and of which series."""
    board = json.loads(DASHBOARD.read_text())
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"])
            yield variable["name"], filled(found[1]), found[2]


def operands(alert):
    """An alert returns nothing while it is silent. With `bool` its comparisons return 0 instead, so that only
    what it compares must be there. `absent` is empty as long as there is something."""
    query = re.sub(r"\s*or absent\(.*\)", "", alert)
    outside = re.split(r'("[^"]*")', query)
    outside[::2] = [re.sub(r"(?<![!=<>~])(==|<|>)(?![=~])", r"\1 bool", part) for part in outside[::2]]
    return "".join(outside)


def check(fleet):
    """Returns how many queries returned data."""
    rules = [rule for group in fleet.ask("rules")["groups"] for rule in group["rules"]]
    queries = list(of_dashboard()) + [(rule["name"], operands(rule["query"])) for rule in rules]
    for what, query in queries:
        try:
            until(f"data for {what}: {query}", lambda: fleet.query(query))
        except Failed as failure:
            raise Failed(f"{failure}\n  now: {fleet.query(query)}") from None
    for name, series, label in of_variables():
        path = f"label/{label}/values?" + urllib.parse.urlencode({"match[]": series})
        if fleet.ask(path) != [LEASE]:
            raise Failed(f"the variable {name} offers {fleet.ask(path)}")
    rules = [rule for group in fleet.ask("rules")["groups"] for rule in group["rules"]]
    for rule in rules:
        if rule["health"] != "ok":
            raise Failed(f"{rule['name']} is {rule['health']}: {rule.get('lastError')}")
    return len(queries), len(rules)


def run(fleet):
    fleet.server()
    for name in REPLICAS:
        fleet.replica(name)
    fleet.prometheus()
    first = until("one leads", fleet.leader)
    fleet.end(first, signal.SIGTERM)
    second = until("another one leads after the release", lambda: fleet.leader() not in (None, first) and fleet.leader())
    if fleet.firing():
        raise Failed(f"a handover is no reason to fire: {fleet.firing()}")
    fleet.replica(first)
    fleet.end(second, signal.SIGKILL)
    third = until("another one leads after the crash", lambda: fleet.leader() not in (None, second) and fleet.leader())
    until("the alert of the crash fires", lambda: "KunobiHaReleaseFailed" in fleet.firing())
    fleet.replica(second)
    until("all are scraped again", lambda: len(fleet.query("up == 1")) == len(REPLICAS))
    queries, rules = check(fleet)
    if fleet.firing() != {"KunobiHaReleaseFailed"}:
        raise Failed(f"these fire: {fleet.firing()}")
    print(f"  {first} handed over to {second}, which was killed; {third} leads: one alert of {rules} fired, as it must")
    print(f"  {queries} queries of the dashboard and of the alerts returned data")


def main():
    parser = argparse.ArgumentParser()
    for option in ["prometheus", "rules", "server", "operator", "folder"]:
        parser.add_argument(f"--{option}", required=True)
    begun = time.monotonic()
    with Fleet(parser.parse_args()) as fleet:
        try:
            run(fleet)
        except Failed as failure:
            print(f"  {failure}", file=sys.stderr)
            for log in sorted(fleet.folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-1500:]}", file=sys.stderr)
            sys.exit(1)
    print(f"  {time.monotonic() - begun:.0f} s")


main()
