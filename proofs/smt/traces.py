"""Runs of the whole system from its first state to two believers.

A failed induction could also mean a weak invariant. Here z3 is given the names of the steps of a run, and finds the instants
and parameters, or says that there are none.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Iterator, Mapping

from z3 import And, Bool, BoolVal, Int, Not, Real, Solver, sat, substitute, unsat

import invariant as I
import protocol as P
import world as W
from world import Setting

# What a step chooses. Each step of a run chooses again.
CHOICES = [Real(name) for name in ("elapsed", "t", "wait", "t0", "t1")]
CHOICES += [Int(name) for name in ("to", "v", "rec", "owner", "seen", "uid", "term")]
CHOICES += [Bool(name) for name in ("after", "moved", "of this Lease", "own name")]

LEADS = ["show absent (0)", "acquire (0)", "create (0)", "a message arrives", "won (0)"]
IS_TAKEN_OVER = ["acquire (1)", "show (1)", "pass", "take over (1)", "a message arrives", "won (1)"]
IS_CREATED_AGAIN = ["the Lease is deleted", "acquire (1)", "show absent (1)", "create (1)", "a message arrives", "won (1)"]
RENEWS = ["pass", "renew (1)", "a message arrives", "renewed (1)"]
RENEWS_0 = [s.replace("1", "0") for s in RENEWS]
LEADS_IN_GRACE = LEADS + RENEWS_0 * 2


def renamed(choice, n: int):
    name = f"{choice.decl().name()} of step {n}"
    return {"Real": Real, "Int": Int, "Bool": Bool}[choice.sort().name()](name)


def steps(setting: Setting, w: W.World, rows: Mapping[str, P.Row]) -> Iterator[W.Step]:
    """Those of the system, and one that makes room: only the first message is ever sent, or arrives."""
    yield from W.steps(setting, w, rows)
    yield W.Step("another message", BoolVal(True), replace(w, messages=w.messages[1:] + w.messages[:1]))


def outcome(setting: Setting, run: list[str], rows: Mapping[str, P.Row] = P.ROWS) -> str:
    """What can come of these steps: "two" believers, "one" at most, or "impossible"."""
    solver = Solver()
    solver.set("timeout", 60_000)
    before, after = W.world(setting, "before:"), W.world(setting, "after:")
    taken = {}
    for step in steps(setting, before, rows):
        becomes = zip(W.values(after), W.values(step.after))
        taken[step.name] = And(step.guard, *[a == b for a, b in becomes]) if step.name in run else None
    w = W.world(setting, "0:")
    solver.add(W.start(setting, w))
    for n, name in enumerate(run, 1):
        last, w = w, W.world(setting, f"{n}:")
        chosen = [(choice, renamed(choice, n)) for choice in CHOICES]
        solver.add(substitute(taken[name], *W.differences(before, last), *W.differences(after, w), *chosen))
    if solver.check() != sat:
        return "impossible"
    solver.add(Not(I.mutual_exclusion(w)))
    answer = solver.check()
    if answer not in (sat, unsat):
        raise RuntimeError(f"z3 does not know: {solver.reason_unknown()}")
    return "two" if answer == sat else "one"


@dataclass(frozen=True)
class Trace:
    name: str
    setting: Setting
    run: list[str]
    two: bool


def traces(timings: Mapping[str, tuple[int, int]], limit) -> Iterator[Trace]:
    for name, timing in timings.items():
        pair, rho = (timing, timing), limit([timing])
        takeover = LEADS + IS_TAKEN_OVER
        yield Trace(f"a takeover at ρ*, {name}", Setting(pair, rho, grace=0), takeover, two=False)
        yield Trace(f"a takeover at ρ* + 1/1000, {name}", Setting(pair, rho + Fraction(1, 1000), grace=0), takeover, two=True)
    none, short, full = (Setting(((15, 10),) * 2, Fraction(1, 5), deletion=True, grace=grace) for grace in (0, 10, 15))
    yield Trace("a deletion without a create grace", none, LEADS + IS_CREATED_AGAIN, two=True)
    run = LEADS_IN_GRACE + IS_CREATED_AGAIN + RENEWS * 2
    yield Trace("a deletion with a create grace of D", short, run, two=True)
    longer = LEADS_IN_GRACE + RENEWS_0 + IS_CREATED_AGAIN + RENEWS * 3
    yield Trace("a deletion with a create grace of L", full, longer, two=False)


def check(timings, limit) -> list[str]:
    wrong = []
    for trace in traces(timings, limit):
        ends = outcome(trace.setting, trace.run)
        print(f"  {trace.name}: a run of {len(trace.run)} steps {'ends' if ends == 'two' else 'never ends'} with two believers", flush=True)
        wrong += [] if ends == ("two" if trace.two else "one") else [trace.name]
    return wrong
