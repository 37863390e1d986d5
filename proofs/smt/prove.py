"""Proves that at most one elector believes, for all delays: `python prove.py [short|release]`.

The proof is by induction. `invariant.py` has the clauses. Four questions go to z3, and each must have the answer `unsat`:
does the first state break a clause? Do the clauses allow two believers? Does any step lead from a state that satisfies all
clauses to one that breaks a clause? The other checks show that the proof is not empty.
"""

import sys
import time
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Iterator, Mapping

from z3 import And, BoolRef, Not, Solver, is_true, sat, substitute, unsat

import invariant as I
import protocol as P
import traces
import world as W
from world import Setting

TIMEOUT_MS = 120_000


@dataclass
class Verdict:
    """What came of one induction."""

    excludes_two: bool
    first_state: bool
    steps: int = 0
    never_taken: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # step: the clauses that it breaks

    @property
    def proved(self) -> bool:
        return self.excludes_two and self.first_state and not self.broken and not self.never_taken


def question(solver: Solver, formula: BoolRef):
    """Asks whether the formula can be true beside what the solver knows. An answer `unknown` stops everything."""
    solver.push()
    solver.add(formula)
    answer = solver.check()
    model = solver.model() if answer == sat else None
    solver.pop()
    if answer not in (sat, unsat):
        raise RuntimeError(f"z3 does not know: {solver.reason_unknown()}")
    return model


def solver_with(*formulas: BoolRef) -> Solver:
    solver = Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*formulas)
    return solver


def induction(
    setting: Setting,
    rows: Mapping[str, P.Row] = P.ROWS,
    steps=W.steps,
    without: str | None = None,
    first_only: bool = False,
    see_all: bool = True,
) -> Verdict:
    """Tries to prove the theorem. `without`: a clause that is left out. `first_only`: stops at the first broken clause."""
    w = W.world(setting)
    clauses = {name: clause for name, clause in I.clauses(setting, w).items() if name != without}
    assumed = solver_with(*clauses.values())
    verdict = Verdict(
        excludes_two=question(assumed, Not(I.mutual_exclusion(w))) is None,
        first_state=question(solver_with(W.start(setting, w)), Not(And(*clauses.values()))) is None,
    )
    for step in steps(setting, w, rows):
        if first_only and not verdict.proved:
            break
        verdict.steps += 1
        moved = W.differences(w, step.after)
        after = {name: substitute(clause, *moved) for name, clause in clauses.items()}
        assumed.push()
        assumed.add(step.guard)
        if see_all and question(assumed, And()) is None:
            verdict.never_taken.append(step.name)
        model = question(assumed, Not(And(*after.values())))
        assumed.pop()
        if model is not None:
            breaks = [name for name, clause in after.items() if not is_true(model.eval(clause, model_completion=True))]
            verdict.broken.append(f"{step.name}: {'; '.join(breaks)}")
    return verdict


# The settings.

EQUAL = {"15/10": (15, 10), "60/40": (60, 40), "137/107": (137, 107)}
MIXED = ((15, 10), (60, 40), (137, 107), (30, 20), (9, 6))


def limit(timings) -> Fraction:
    """ρ*: the clock rate error at which D·(1 + ρ) = L·(1 − ρ), for the L and D that are closest."""
    return min(Fraction(lease - deadline, lease + deadline) for lease, deadline in timings)


def settings(size: int, above: Fraction = Fraction(0)) -> Iterator[tuple[str, Setting]]:
    for name, timing in EQUAL.items():
        yield f"{size} electors, {name}", Setting((timing,) * size, limit([timing]) + above)
    mixed = MIXED[:size]
    yield f"{size} electors, mixed", Setting(mixed, limit(mixed) + above)


def with_deletion(size: int, timing: tuple[int, int], grace: int) -> Setting:
    return Setting((timing,) * size, limit([timing]), deletion=True, grace=grace)


# The checks. Each prints a line per result, and returns what is wrong.


def prove(sizes: range, thorough: bool) -> list[str]:
    wrong = []
    for size in sizes:
        for name, setting in settings(size):
            if size > 2 and not thorough and "mixed" not in name:
                continue
            wrong += judge(f"{name}, ρ = {setting.rho}", induction(setting, see_all=size == 2), expected=True)
        for name, timing in EQUAL.items():
            if not thorough and name != "15/10":
                continue
            verdict = induction(with_deletion(size, timing, grace=timing[0]), see_all=size == 2)
            wrong += judge(f"{size} electors, {name}, deletion, create grace L", verdict, expected=True)
    return wrong


def refute() -> list[str]:
    """The bounds of the theorem are tight: just beyond them, a run of the system ends with two believers."""
    wrong = []
    for name, setting in settings(2, above=Fraction(1, 1000)):
        wrong += judge(f"{name}, ρ* + 1/1000", induction(setting, first_only=True, see_all=False), expected=False)
    for name, timing in EQUAL.items():
        for length, grace in (("none", 0), ("too short", timing[1])):
            verdict = induction(with_deletion(2, timing, grace), first_only=True, see_all=False)
            wrong += judge(f"2 electors, {name}, deletion, create grace {length}", verdict, expected=False)
    return wrong + traces.check(EQUAL, limit)


def judge(name: str, verdict: Verdict, expected: bool) -> list[str]:
    found = "proved" if verdict.proved else f"fails at {(verdict.broken + verdict.never_taken + ['the first state'])[0]}"
    print(f"  {name}: {found} ({verdict.steps} steps)", flush=True)
    return [] if verdict.proved == expected else [name]


SMALL = Setting(((15, 10), (15, 10)), Fraction(1, 5))
SMALL_MIXED = Setting(MIXED[:2], Fraction(1, 5))
SMALL_DELETION = with_deletion(2, (15, 10), grace=15)


def vacuity() -> list[str]:
    """The clauses allow what they should allow: each step is taken in `induction`; here are whole situations."""
    wrong = []
    for setting in (SMALL, SMALL_DELETION):
        w = W.world(setting)
        assumed = solver_with(*I.clauses(setting, w).values())
        a, b = w.electors
        r = w.register
        bid, own_bid = (
            And(W.winnable(w, w.messages[0]), w.messages[0].author == i, w.messages[0].kind == P.TAKEOVER) for i in (1, 0)
        )
        situations = {
            "the first state": W.start(setting, w),
            "a leader": P.believes(a),
            "a leader with two writes outstanding": And(P.believes(a), *[s.state == P.OUTSTANDING for s in a.slots]),
            "a leader, and another's takeover that can't win any more": And(
                P.believes(a), w.messages[0].sent_once, w.messages[0].author == 1, w.messages[0].kind == P.TAKEOVER
            ),
            "a term that is over, and another's takeover that can win": And(a.mode == P.LEADING, Not(P.believes(a)), bid),
            "a leader that does not know the newest record": And(P.believes(a), a.ver < w.register.birth),
            "a young term of a process that has ended, and another's takeover that can win": And(
                bid, Not(r.free), W.is_dead(w, r.term, r.author), w.messages[0].at < r.changed + a.D
            ),
            "a term that is lost, and its retake that can win": And(own_bid, a.mode == P.CONTENDING, r.term == a.lost),
        }
        for name, situation in situations.items():
            possible = question(assumed, situation) is not None
            print(f"  {name}: {'possible' if possible else 'impossible'}")
            wrong += [] if possible else [name]
    return wrong


def steps_of_one(setting: Setting, w: W.World, rows: Mapping[str, P.Row]) -> Iterator[W.Step]:
    """Those of the first elector, and of what is around it: enough to see a proof fail."""
    yield from (step for step in W.steps(setting, w, rows) if not step.name.endswith("(1)"))


def needed() -> list[str]:
    """Without any one clause, the proof fails."""
    wrong = []
    for name in list(dict.fromkeys([*I.clauses(SMALL, W.world(SMALL)), *I.clauses(SMALL_DELETION, W.world(SMALL_DELETION))])):
        fails = None
        for setting in (SMALL, SMALL_DELETION, SMALL_MIXED):
            verdict = induction(setting, steps=steps_of_one, without=name, first_only=True, see_all=False)
            if not verdict.proved:
                fails = verdict.broken[0] if verdict.broken else "two believers"
                break
        print(f"  without '{name}': {'fails at ' + fails if fails else 'still proved'}", flush=True)
        wrong += [] if fails else [f"the clause '{name}' is not needed"]
    return wrong


def main(arguments: list[str]) -> int:
    form = arguments[0] if arguments else "short"
    sizes = {"short": range(2, 4), "release": range(2, 6)}[form]
    wrong = []
    for title, check in {
        "The theorem": lambda: prove(sizes, thorough=form == "release"),
        "Beyond its bounds": refute,
        "What the invariant allows": vacuity,
        "Each clause is needed": needed,
    }.items():
        print(f"{title}:", flush=True)
        wrong += check()
        print(f"  [{time.process_time():.0f} s of CPU so far]")
    print(f"NOT AS EXPECTED: {wrong}" if wrong else "all as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
