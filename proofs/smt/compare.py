"""Compares the table of the Rust monitor with this one: `python compare.py FILE`, or `python compare.py --self`.

A line of FILE is a pair that `crates/kunobi-ha-core/tests/spec` printed: a state, a row with parameters, whether the
guard holds, and the state after. z3 evaluates the same row with the same numbers. Any difference is a failure.

With `--self`, an independent generator makes states, and the comparison must find each difference that is planted.
"""

import json
import random
import sys
from collections import Counter
from dataclasses import fields
from typing import Iterator

from z3 import BoolVal, IntVal, is_true, simplify

import protocol as P

NUMBERS = [f.name for f in fields(P.Elector) if f.name != "slots"]
SLOT_NUMBERS = [f.name for f in fields(P.Slot)]


def value(x):
    return BoolVal(x) if isinstance(x, bool) else IntVal(x)


def elector(state: dict) -> P.Elector:
    slots = tuple(P.Slot(**{name: IntVal(slot[name]) for name in SLOT_NUMBERS}) for slot in state["slots"])
    return P.Elector(**{name: IntVal(state[name]) for name in NUMBERS}, slots=slots)


def parameters(row: P.Row, given: dict) -> dict:
    missing = [name for name in row.params if name not in given]
    if missing:
        raise KeyError(f"parameters are missing: {missing}")
    return {name: given[name] if name == "k" else value(given[name]) for name in row.params}


def number(x) -> int:
    return x if isinstance(x, int) else simplify(x).as_long()


def state_of(s: P.Elector) -> dict:
    slots = [{name: number(getattr(slot, name)) for name in SLOT_NUMBERS} for slot in s.slots]
    return {name: number(getattr(s, name)) for name in NUMBERS} | {"slots": slots}


def evaluate(name: str, params: dict, before: dict) -> tuple[bool, dict | None]:
    """What z3 says of this row: its guard, and the state after it if the guard holds."""
    row = P.ROWS[name]
    s, p = elector(before), parameters(row, params)
    if not is_true(simplify(row.guard(s, p))):
        return False, None
    return True, state_of(row.effect(s, p))


def differences(ours: dict | None, theirs: dict | None) -> list[str]:
    if ours is None or theirs is None:
        return [] if ours == theirs else [f"state after: ours {ours}, theirs {theirs}"]
    return [f"{name}: ours {ours[name]}, theirs {theirs.get(name)}" for name in ours if ours[name] != theirs.get(name)]


def compare(pair: dict) -> list[str]:
    guard, after = evaluate(pair["row"], pair["params"], pair["before"])
    if guard != pair["guard"]:
        return [f"guard: ours {guard}, theirs {pair['guard']}"]
    return differences(after, pair["after"])


def compare_all(pairs: Iterator[dict]) -> tuple[Counter, list[str]]:
    counts, wrong = Counter(), []
    for line, pair in enumerate(pairs, 1):
        counts[pair["row"], pair["guard"]] += 1
        for difference in compare(pair):
            wrong.append(f"line {line}, {pair['row']}: {difference}\n  {json.dumps(pair)}")
    return counts, wrong


def report(counts: Counter) -> list[str]:
    """Prints how often each row was compared; returns the rows that were not, with their guard true and false."""
    print(f"{'row':22}{'guard true':>12}{'false':>8}")
    for name in P.ROWS:
        print(f"{name:22}{counts[name, True]:12}{counts[name, False]:8}")
    print(f"{'all':22}{sum(n for (_, g), n in counts.items() if g):12}{sum(n for (_, g), n in counts.items() if not g):8}")
    return [name for name in P.ROWS if counts[name, True] == 0]


# The generator of `--self`.


def random_pair(rng: random.Random, name: str, wanted: bool) -> dict:
    """A pair of this row; if it can be found soon, one whose guard has the value that is wanted."""
    for _ in range(1000):
        pair = draw_pair(rng, name)
        if pair["guard"] == wanted:
            break
    return pair


def draw_pair(rng: random.Random, name: str) -> dict:
    slots = [{name: rng.randint(0, 4) for name in SLOT_NUMBERS} for _ in range(2)]
    before = {name: rng.randint(0, 9) for name in NUMBERS} | {"slots": slots}
    before |= {"mode": rng.randint(0, 5), "known": rng.randint(0, 2), "owner": rng.randint(-1, 3), "term": rng.randint(0, 3)}
    before["now"] = rng.randint(0, 30)
    before |= {name: rng.randint(0, 2) for name in ("seen", "uid", "dead", "lost", "lost_in")}
    for slot in slots:
        slot |= {"state": rng.randint(0, 2), "kind": rng.randint(1, 5)}
    draw = {name: rng.random() < 0.5 for name in ("after", "graced", "own_name")}
    draw |= {"k": rng.randint(0, 1), "to": rng.randint(0, 2), "seen": rng.randint(0, 2), "uid": rng.randint(0, 2)}
    params = {p: draw[p] if p in draw else rng.randint(0, 9) for p in P.ROWS[name].params}
    guard, after = evaluate(name, params, before)
    return {"row": name, "params": params, "before": before, "guard": guard, "after": after}


def spoiled(pair: dict, rng: random.Random) -> dict:
    """The same pair with one difference."""
    if pair["after"] is None or rng.random() < 0.2:
        return pair | {"guard": not pair["guard"]}
    if rng.random() < 0.5:
        slots = [dict(slot) for slot in pair["after"]["slots"]]
        rng.choice(slots)[rng.choice(SLOT_NUMBERS)] += 1
        return pair | {"after": pair["after"] | {"slots": slots}}
    name = rng.choice(NUMBERS)
    return pair | {"after": pair["after"] | {name: pair["after"][name] + 1}}


def test_itself(count: int = 500, seed: int = 1) -> int:
    rng = random.Random(seed)
    names = list(P.ROWS)
    pairs = [random_pair(rng, names[n % len(names)], wanted=n // len(names) % 2 == 0) for n in range(count)]
    counts, wrong = compare_all(iter(pairs))
    seen = sum(1 for pair in pairs if compare(spoiled(pair, rng)))
    never = report(counts)
    print(f"seed {seed}: {len(wrong)} differences, {seen} of {count} planted differences found; rows never taken: {never or 'none'}")
    return 0 if not wrong and seen == count and not never else 1


def main(arguments: list[str]) -> int:
    if arguments == ["--self"]:
        return test_itself()
    [path] = arguments
    with open(path, encoding="utf-8") as lines:
        counts, wrong = compare_all(json.loads(line) for line in lines)
    never = report(counts)
    print("\n".join(wrong[:10]))
    print(f"{sum(counts.values())} pairs, {len(wrong)} differences; rows never taken: {never or 'none'}")
    return 1 if wrong or never or not counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
