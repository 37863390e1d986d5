"""Protocols with one mistake each: the proof must fail for every one. `python mutants.py` says at which step.

A mutant changes a row of the table, a step of the world, or the setting. The invariant stays as it is.
"""

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Callable, Iterator, Mapping
from unittest.mock import patch

from z3 import And, BoolVal, If, Int, IntVal, Not, Or

import protocol as P
import prove
import traces
import world as W
from world import Setting, Step, World


@dataclass(frozen=True)
class Mutant:
    name: str
    rules: str
    setting: Setting = prove.SMALL
    rows: Mapping[str, P.Row] = field(default_factory=dict)
    more_steps: Callable[[Setting, World], Iterator[Step]] = lambda setting, w: iter(())
    patches: tuple = ()  # of (module, name, replacement)
    run: list[str] | None = None  # steps that lead the mutant from its first state to two believers
    harmless: bool = False  # the theorem holds without this guard: another one is enough


def row(name: str, guard=None, effect=None) -> dict[str, P.Row]:
    """The row of that name, with another guard or effect."""
    original = P.ROWS[name]
    return {name: replace(original, guard=guard or original.guard, effect=effect or original.effect)}


MIXED = Setting(((60, 40), (15, 10)), Fraction(1, 5))
DELETION = prove.SMALL_DELETION


# Belief.


def show_prolongs(s, p):
    seen = P.show_effect(s, p)
    return replace(seen, until=If(And(s.mode == P.LEADING, p["owner"] == s.term), s.now + s.D, s.until))


def from_answer(effect):
    return lambda s, p: replace(effect(s, p), until=s.now + s.D)


def won_late(s, p):
    slot = s.slots[p["k"]]
    return And(s.mode == P.CONTENDING, P.is_bid(slot), p["v"] > slot.base, Not(P.is_passed(s, p)))


def renewed_late(s, p):
    slot = s.slots[p["k"]]
    return And(P.holds(s), P.is_renewal(slot), slot.term == s.term, p["v"] > slot.base, Not(P.is_passed(s, p)))


def keeps_slots(effect):
    return lambda s, p: replace(effect(s, p), slots=s.slots)


def renewed_of_any_term(s, p):
    slot = s.slots[p["k"]]
    return And(P.holds(s), slot.state != P.NONE, p["v"] > slot.base, s.now < s.until)


ATTEMPTS_STAY = {name: r[name] for name in ("lapse", "end", "acquire", "fail", "finish") for r in [row(name, effect=keeps_slots(P.ROWS[name].effect))]}


# Waiting.


def show_keeps_since(s, p):
    return replace(P.show_effect(s, p), since=If(s.known == P.PRESENT, s.since, s.now))


def show_waits_own(s, p):
    seen = P.show_effect(s, p)
    return replace(seen, wait=If(seen.wait > s.L, s.L, seen.wait))


def bids_at(aged):
    """take over and create, with another idea of when the record is old enough."""

    def guard(known):
        return lambda s, p: And(s.mode == P.CONTENDING, s.known == known, aged(s), s.slots[p["k"]].state == P.NONE)

    return row("take over", guard(P.PRESENT)) | row("create", guard(P.ABSENT))


# News of deaths.


def outlives(told=None, unchanged=None, settled=None):
    """outlive, with another idea of who has died, or of what is waited for."""

    def guard(s, p):
        by_news = told(s) if told else And(s.dead != 0, s.seen == s.dead, s.now >= s.doubt)
        still = unchanged(s) if unchanged else 2 * (s.now - s.since) >= 3 * s.R
        waited = settled(s, p) if settled else Or(And(p["own_name"], s.G == 0), s.now >= s.term_since + s.L)
        return And(P.may_bid(s, p["k"], P.PRESENT), by_news, still, waited)

    return row("outlive", guard)


def told_of_its_author(s):
    return And(s.dead != 0, W.drawn_by(s.seen) == W.drawn_by(s.dead), s.now >= s.doubt)


SEES = P.sees


def sees_any_uid(s, seen, uid):
    known = And(s.known == P.PRESENT, s.seen == seen)
    return replace(SEES(s, seen, uid), term_since=If(known, s.term_since, s.now))


def sees_and_believes(s, seen, uid):
    return replace(SEES(s, seen, uid), dead=s.dead)


def news_of_all(w: World, term):
    return And(0 < term, term < w.next_term)


def news_of_ourselves(setting: Setting, w: World) -> Iterator[Step]:
    """News of our own terms are believed, whether they are true or not."""
    for i in setting.electors:
        p = {"term": Int("term")}
        after = P.told_dead_effect(w.electors[i], p)
        yield Step(f"told dead, of itself ({i})", W.drawn_by(p["term"]) == i, W.with_elector(w, i, after, w.ghosts[i]))


def draws_again(w: World, i: int, term):
    return And(0 < term, term <= w.next_term, W.drawn_by(term) == i)


# Retakes.


def retakes(ours):
    return row("retake", lambda s, p: And(P.may_bid(s, p["k"], P.PRESENT), s.lost != 0, ours(s)))


def lapse_loses_all(s, p):
    return replace(P.lapse_effect(s, p), lost=s.term, lost_in=s.uid)


def end_loses(s, p):
    led = s.mode == P.LEADING
    return replace(P.end_effect(s, p), lost=If(led, s.term, 0), lost_in=If(led, s.uid, s.lost_in))


def clock_back_keeps_since(s, p):
    return replace(P.clock_back_effect(s, p), since=s.since)


def clock_back_keeps_term(s, p):
    return replace(s, now=p["t"])


# Writing and answers.


def renew_any(s, p):
    return And(P.may_renew(s, p["k"]), s.known == P.PRESENT)


def release_any(s, p):
    return And(s.mode == P.RELEASING, s.known == P.PRESENT, s.slots[p["k"]].state == P.NONE)


def release_first(s, p):
    return And(P.one_of(s.mode, P.LEADING, P.RELEASING), s.known == P.PRESENT, s.owner == s.term, s.slots[p["k"]].state == P.NONE)


def answers_of_the_other(setting: Setting, w: World) -> Iterator[Step]:
    """The first write was refused, the second applied, and its answer counts for the first."""
    for i in setting.electors:
        e, g = w.electors[i], w.ghosts[i]
        other = g.slots[1]
        p = {"k": 0, "v": other.applied, "uid": other.uid, "graced": BoolVal(False)}
        after = P.won_effect(e, p)
        ghost = W.sees_term(w, e, after, replace(g, held=g.slots[0].at, first=w.time, uid=other.uid))
        guard = And(P.won_guard(e, p), other.applied > 0, e.slots[1].state != P.NONE)
        yield Step(f"won, by the other's answer ({i})", guard, W.with_elector(w, i, after, ghost))


def answers_that_wrote_nothing(setting: Setting, w: World) -> Iterator[Step]:
    """An update that changed nothing is answered with the version that was there."""
    for i in setting.electors:
        e, g = w.electors[i], w.ghosts[i]
        slot, gs = e.slots[0], g.slots[0]
        p = {"k": 0, "v": slot.base, "uid": g.uid, "graced": BoolVal(False)}
        guard = And(P.holds(e), P.is_renewal(slot), slot.term == e.term, e.now < e.until, gs.applied == 0)
        after = P.renewed_effect(e, p)
        ghost = W.sees_term(w, e, after, replace(g, held=gs.at, first=w.time))
        yield Step(f"renewed, by a no-op ({i})", guard, W.with_elector(w, i, after, ghost))


def twins(setting: Setting, w: World) -> Iterator[Step]:
    """Two attempts of one bid write the same record: a read can't say which it proves, and the later one is taken."""
    for i in setting.electors:
        e, g = w.electors[i], w.ghosts[i]
        other = g.slots[1]
        twin = And(e.slots[1].state != P.NONE, e.slots[0].kind == e.slots[1].kind, e.slots[0].base == e.slots[1].base)
        p = {"k": 0, "v": other.applied, "uid": other.uid, "graced": BoolVal(False)}
        after = P.won_effect(e, p)
        ghost = W.sees_term(w, e, after, replace(g, held=g.slots[0].at, first=w.time, uid=other.uid))
        guard = And(P.won_guard(e, p), twin, other.applied > 0, e.slots[0].sent >= e.slots[1].sent)
        yield Step(f"won, proved by its twin ({i})", guard, W.with_elector(w, i, after, ghost))


def always_wins(w: World, m):
    return And(m.sent_once, If(W.creates(m.kind), Not(w.register.present), w.register.present))


def shows_term_of_any_lease(w: World, i: int):
    r, e = w.register, w.electors[i]
    return And(r.present, Not(r.free), r.author == i, r.term == e.term)


# Deletion.


def recreated_without_grace(s, p):
    slot = s.slots[p["k"]]
    after = P.renewed_effect(s, p)
    leads = And(s.mode == P.PROBATION, slot.kind == P.RECREATION, slot.sent >= s.grace)
    return replace(after, mode=If(leads, IntVal(P.LEADING), after.mode), grace=If(leads, 0, after.grace))


def grace_ends_by_answer(s, p):
    after = P.renewed_effect(s, p)
    leads = And(s.mode == P.PROBATION, s.slots[p["k"]].kind == P.RENEWAL, s.now >= s.grace)
    return replace(after, mode=If(leads, IntVal(P.LEADING), after.mode))


def grace_from_send(s, p):
    slot, after = s.slots[p["k"]], P.won_effect(s, p)
    return replace(after, grace=If(slot.kind == P.CREATE, slot.sent + s.G, after.grace))


def release_graced(s, p):
    slot = s.slots[p["k"]]
    return And(s.mode == P.WITHDRAWING, P.is_bid(slot), p["v"] > slot.base, Not(P.is_passed(s, p)))


# Runs.

WINS = ["take over (1)", "a message arrives", "won (1)"]
SHOWN = ["acquire (1)", "show (1)"]
TAKEN_OVER = traces.LEADS + traces.IS_TAKEN_OVER
PROLONGED_BY_A_READ = [*traces.LEADS, *SHOWN, "pass", "show (0)", "pass", *WINS]
ANSWERED_LATE = [*traces.LEADS[:-1], *SHOWN, "pass", "won (0)", "pass", *WINS]
RENEWAL_ANSWERED_LATE = [*traces.LEADS, "renew (0)", "a message arrives", *SHOWN, "pass", "renewed (0)", "pass", *WINS]
SEEN_AGAIN = [*traces.LEADS, *SHOWN, *traces.RENEWS_0, "show (1)", "pass", *WINS]
AT_ONCE = [*traces.LEADS, *SHOWN, *WINS]
RELEASED_TOO_EARLY = [*traces.LEADS, "release (0)", "a message arrives", *SHOWN, *WINS]
RELEASED_BY_ANOTHER = [
    *traces.LEADS, "step down (0)", *traces.IS_TAKEN_OVER, "show (0)", "release (0)", "a message arrives", "finish (0)",
    "acquire (0)", "show (0)", "take over (0)", "a message arrives", "won (0)",
]
CREATED_AND_RELEASED = [
    *traces.LEADS_IN_GRACE, *traces.IS_CREATED_AGAIN[:-1], "withdraw (1)", "won, to be released (1)", "give up (1)", "release (1)",
    "a message arrives", "finish (1)", *SHOWN, *WINS,
]
RECREATED = ["the Lease is deleted", "show absent (0)", "re-create (0)", "a message arrives", "renewed (0)"]
IN_PROBATION = traces.LEADS_IN_GRACE + traces.IS_CREATED_AGAIN + traces.RENEWS
GRACE_ENDS_EARLY = [*IN_PROBATION, "renew (1)", "a message arrives", *RECREATED, "pass", "renewed (1)"]
DELETED_THREE_TIMES = [
    *IN_PROBATION, *RECREATED, "pass", "show absent (1)", "re-create (1)", "the Lease is deleted", "a message arrives", "renewed (1)",
]

OUTLIVES = ["told dead (1)", "pass", "outlive (1)", "a message arrives", "won (1)"]
OUTLIVED_ALIVE = [*traces.LEADS, *SHOWN, *OUTLIVES]
LED_AGAIN = [
    *traces.LEADS, "crash (0)", "acquire (0)", "show (0)", "pass", "take over (0)", "a message arrives", "won (0)",
    *SHOWN, *OUTLIVES,
]
DIED_IN_GRACE = [*traces.LEADS_IN_GRACE, *traces.IS_CREATED_AGAIN[:-1], "crash (1)", *SHOWN, *OUTLIVES]
RETAKES = ["retake (0)", "a message arrives", "won (0)"]
RETAKEN_FROM_ANOTHER = [*TAKEN_OVER, "lapse (0)", "acquire (0)", "show (0)", *RETAKES]
RETAKEN_IN_GRACE = [*traces.LEADS_IN_GRACE, *traces.IS_CREATED_AGAIN, "pass", "lapse (1)", *[s.replace("0", "1") for s in RETAKES]]

RECREATES = ["show absent (0)", "re-create (0)", "another message"]
WRITTEN_AGAIN = ["the Lease is deleted", "another message", "a message arrives", "show (0)"]
SEEN_IN_ANOTHER_LEASE = [
    *traces.LEADS_IN_GRACE, *RECREATES, "crash (0)", "acquire (0)", "show (0)", *traces.IS_TAKEN_OVER, *WRITTEN_AGAIN,
    *[s.replace("1", "0") for s in OUTLIVES],
]
RETAKEN_IN_ANOTHER_LEASE = [
    *traces.LEADS_IN_GRACE, *RECREATES, *traces.IS_TAKEN_OVER, "lapse (0)", "acquire (0)", *WRITTEN_AGAIN, *RETAKES,
]


MUTANTS = [
    Mutant("belief from any read", "15", rows=row("show", effect=show_prolongs), run=PROLONGED_BY_A_READ),
    Mutant("validity from the answer to a bid", "2", rows=row("won", effect=from_answer(P.won_effect)), run=ANSWERED_LATE),
    Mutant("validity from the answer to a renewal", "2", rows=row("renewed", effect=from_answer(P.renewed_effect)), run=RENEWAL_ANSWERED_LATE),
    Mutant("a late answer begins a term", "2", rows=row("won", guard=won_late), harmless=True),
    Mutant("a late answer revives an ended term", "2", rows=row("renewed", guard=renewed_late)),
    Mutant("attempts outlive their term", "2", rows=ATTEMPTS_STAY),
    Mutant("proof across terms", "15", rows=ATTEMPTS_STAY | row("renewed", guard=renewed_of_any_term)),
    Mutant("belief includes the deadline, at ρ*", "2", patches=((P, "believes", lambda s: And(s.mode == P.LEADING, s.now <= s.until)),), run=TAKEN_OVER),
    Mutant("no new wait on a changed record", "4", rows=row("show", effect=show_keeps_since), run=SEEN_AGAIN),
    Mutant("only the own lease duration is waited for", "5", setting=MIXED, rows=row("show", effect=show_waits_own), run=TAKEN_OVER),
    Mutant("a takeover one tick early", "5", rows=bids_at(lambda s: s.now >= s.since + s.wait - W.constant(Fraction(1, 10**9))), run=TAKEN_OVER),
    Mutant("a takeover without a wait", "5", rows=bids_at(lambda s: BoolVal(True)), run=AT_ONCE),
    Mutant("the waits survive a clock that steps back", "3", rows=row("clock back", effect=clock_back_keeps_since)),
    Mutant("the term survives a clock that steps back", "3", rows=row("clock back", effect=clock_back_keeps_term)),
    Mutant("a record that is not ours is renewed", "14", rows=row("renew", guard=renew_any)),
    Mutant("the answer of the other attempt counts", "10", more_steps=answers_of_the_other),
    Mutant("twins: two attempts with one renewTime", "9", more_steps=twins),
    Mutant("an update that changed nothing counts", "8", more_steps=answers_that_wrote_nothing),
    Mutant("writes without compare-and-swap", "7", patches=((W, "winnable", always_wins),)),
    Mutant("release before the stop", "16", rows=row("release", guard=release_first), run=RELEASED_TOO_EARLY),
    Mutant("release of any record", "16", rows=row("release", guard=release_any), run=RELEASED_BY_ANOTHER),
    Mutant("D longer than L", "A2", setting=Setting(((10, 15), (10, 15)), Fraction(0)), run=TAKEN_OVER),
    Mutant("a rate error of 21 %", "A2", setting=Setting(((15, 10), (15, 10)), Fraction(21, 100)), run=TAKEN_OVER),
    Mutant("deletion without a create grace", "outside", setting=prove.with_deletion(2, (15, 10), grace=0), run=traces.LEADS + traces.IS_CREATED_AGAIN),
    Mutant("the create grace counts from the send", "outside", setting=DELETION, rows=row("won", effect=grace_from_send)),
    Mutant("the create grace ends by an answer", "outside", setting=DELETION, rows=row("renewed", effect=grace_ends_by_answer), run=GRACE_ENDS_EARLY),
    Mutant("a re-creation in probation has no grace", "outside", setting=DELETION, rows=row("renewed", effect=recreated_without_grace), run=DELETED_THREE_TIMES),
    Mutant("a create in its grace is released", "16", setting=DELETION, rows=row("won, to be released", guard=release_graced), run=CREATED_AND_RELEASED),
    Mutant("a term is known without the uid", "14", setting=DELETION, patches=((W, "shows_term", shows_term_of_any_lease),)),
    Mutant("news of the living", "A6", patches=((W, "is_news", news_of_all),), run=OUTLIVED_ALIVE),
    Mutant("a process draws what it drew before it was started again", "A4", patches=((W, "draws", draws_again),), run=LED_AGAIN),
    Mutant("news of another term of that holder", "C4", rows=outlives(told=told_of_its_author), run=LED_AGAIN),
    Mutant("news of any record", "C4", rows=outlives(told=lambda s: And(s.dead != 0, s.now >= s.doubt)), run=LED_AGAIN),
    Mutant("news count without end", "C4", patches=((P, "sees", sees_and_believes),), harmless=True),
    Mutant("news count at once after a rewind", "C4", rows=outlives(told=lambda s: And(s.dead != 0, s.seen == s.dead)), harmless=True),
    Mutant("news of ourselves", "C4", more_steps=news_of_ourselves, harmless=True),
    Mutant("a record that still changes is outlived", "C7", rows=outlives(unchanged=lambda s: BoolVal(True)), harmless=True),
    Mutant("a create grace is cut short", "C7", setting=DELETION, rows=outlives(settled=lambda s, p: BoolVal(True)), run=DIED_IN_GRACE),
    Mutant("one's own create grace is cut short", "C5", setting=DELETION, rows=outlives(settled=lambda s, p: Or(p["own_name"], s.now >= s.term_since + s.L)), run=DIED_IN_GRACE),
    Mutant("a term is seen first in another Lease", "C7", setting=DELETION, patches=((P, "sees", sees_any_uid),), run=SEEN_IN_ANOTHER_LEASE),
    Mutant("a record of another is retaken", "O1", rows=retakes(lambda s: BoolVal(True)), run=RETAKEN_FROM_ANOTHER),
    Mutant("a term is retaken in another Lease", "O1", setting=DELETION, rows=retakes(lambda s: s.seen == s.lost), run=RETAKEN_IN_ANOTHER_LEASE),
    Mutant("a term that never led is retaken", "O1", setting=DELETION, rows=row("lapse", effect=lapse_loses_all), run=RETAKEN_IN_GRACE),
    Mutant("a term that ended before its deadline is retaken", "O1", rows=row("end", effect=end_loses), harmless=True),
    Mutant("an answer counts for a Lease that is gone", "7", setting=DELETION, patches=((P, "is_passed", lambda s, p: BoolVal(False)),)),
]


def attempt(mutant: Mutant) -> tuple[prove.Verdict, str]:
    """What comes of the induction, and of the run."""

    def steps(setting, w, rows):
        yield from mutant.more_steps(setting, w)
        yield from W.steps(setting, w, rows)

    rows = {**P.ROWS, **mutant.rows}
    with ExitStack() as stack:
        for module, name, replacement in mutant.patches:
            stack.enter_context(patch.object(module, name, replacement))
        verdict = prove.induction(mutant.setting, rows, steps, first_only=True, see_all=False)
        return verdict, traces.outcome(mutant.setting, mutant.run, rows) if mutant.run else "no run"


def is_as_expected(mutant: Mutant, verdict: prove.Verdict, ends: str) -> bool:
    if mutant.harmless:
        return verdict.proved
    if mutant.run and (mutant.rows or mutant.patches) and traces.outcome(mutant.setting, mutant.run) == "two":
        return False  # then the run would say nothing about the mistake
    return not verdict.proved and ends in ("two", "no run")


def main() -> int:
    unexpected = []
    for mutant in MUTANTS:
        verdict, ends = attempt(mutant)
        where = verdict.broken[0] if verdict.broken else "two believers"
        result = "still proved, as it should" if verdict.proved else f"fails at {where}"
        run = f"; a run of {len(mutant.run)} steps: {ends}" if mutant.run else ""
        print(f"  {mutant.name} ({mutant.rules}): {result}{run}", flush=True)
        unexpected += [] if is_as_expected(mutant, verdict, ends) else [mutant.name]
    harmless, runs = sum(mutant.harmless for mutant in MUTANTS), sum(mutant.run is not None for mutant in MUTANTS)
    print(f"{len(MUTANTS) - harmless} mutants fail, {runs} of them with a run to two believers; {harmless} are harmless")
    print(f"NOT AS EXPECTED: {unexpected}" if unexpected else "all as expected")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
