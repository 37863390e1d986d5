"""The protocol of one elector, as a table.

A row is a pair of pure functions: `guard(state, params)` says whether the step may be taken, `effect(state, params)`
returns the state after it. Both only build z3 expressions. With symbols they are what `prove.py` proves theorems about;
with numbers z3 computes them, and `compare.py` compares the results with those of the Rust table.

Every field is an integer or a rational, every condition a z3 boolean. A slot index `k` is a Python int.
"""

from dataclasses import dataclass, fields, replace
from typing import Callable, Mapping

from z3 import And, BoolVal, If, IntVal, Not, Or

# Modes of an elector.
IDLE, CONTENDING, PROBATION, LEADING, RELEASING, WITHDRAWING = range(6)
# What is known of the Lease.
NOTHING, ABSENT, PRESENT = range(3)
# States of a slot.
NONE, OUTSTANDING, UNCONFIRMED = range(3)
# Kinds of a write.
NO_KIND, TAKEOVER, CREATE, RENEWAL, RECREATION, RELEASE = range(6)
# Owners of a record, beside the ids of our own terms.
FREE, SOMEBODY_ELSE = 0, -1


@dataclass(frozen=True)
class Slot:
    """A write that was sent in this phase."""

    state: object
    kind: object
    base: object  # the version that it is made on; 0 for a create
    sent: object
    term: object
    rec: object  # the identity of the record that it would write


@dataclass(frozen=True)
class Elector:
    """The state of one elector. Times are readings of its own monotonic clock."""

    L: object  # lease duration
    D: object  # renew deadline
    R: object  # retry period
    G: object  # create grace
    now: object
    mode: object
    until: object  # in probation and leading: the send of the last success + D
    term: object  # that is held, or was held and is being released; else 0
    grace: object  # if > 0: only a write that is sent from this instant on gives belief
    known: object
    ver: object  # the newest version that was shown or answered
    rec: object  # the identity of the record that is known
    owner: object  # whose record it is: FREE, SOMEBODY_ELSE or the id of a term of ours
    since: object  # the first sight of exactly this record, or of its absence
    wait: object  # for how long it must stay as it is
    # A term has a number, which stands for its holder and acquireTime. The uid is apart: a term can be created again.
    seen: object  # the term that the record shows, whosever it is; 0 of a free record, or if none is known
    uid: object  # the Lease in which a record was seen last
    term_since: object  # the first sight of that term in that Lease
    dead: object  # the term whose process has ended, as it was told; else 0
    doubt: object  # before this instant no news count
    lost: object  # our own term, if it ended by its deadline; else 0
    lost_in: object  # the Lease in which it ended
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Row:
    """One kind of step: its parameters, guard and effect, and where both come from."""

    params: tuple[str, ...]
    guard: Callable
    effect: Callable
    rules: tuple[int | str, ...]
    core: tuple[str, ...]  # what carries it out, as `file::function`, below crates/kunobi-ha-core/src


EMPTY = Slot(*[IntVal(0) for _ in fields(Slot)])


def one_of(x, *values):
    return Or([x == value for value in values])


def either(condition, then: Elector, otherwise: Elector) -> Elector:
    """The first state if the condition holds, else the second."""

    def merge(a, b):
        return a if a is b else If(condition, a, b)

    merged = {f.name: merge(getattr(then, f.name), getattr(otherwise, f.name)) for f in fields(Elector) if f.name != "slots"}
    slots = tuple(
        Slot(*[merge(getattr(a, f.name), getattr(b, f.name)) for f in fields(Slot)])
        for a, b in zip(then.slots, otherwise.slots)
    )
    return Elector(**merged, slots=slots)


def maximum(a, b):
    return If(a >= b, a, b)


# What several rows share.


def believes(s: Elector):
    """Readers of this elector see a leader."""
    return And(s.mode == LEADING, s.now < s.until)


def holds(s: Elector):
    return one_of(s.mode, PROBATION, LEADING)


def is_bid(slot: Slot):
    return And(slot.state != NONE, one_of(slot.kind, TAKEOVER, CREATE))


def is_renewal(slot: Slot):
    return And(slot.state != NONE, one_of(slot.kind, RENEWAL, RECREATION))


def cleared(s: Elector) -> Elector:
    return replace(s, slots=tuple(EMPTY for _ in s.slots))


def with_slot(s: Elector, k: int, slot: Slot) -> Elector:
    return replace(s, slots=s.slots[:k] + (slot,) + s.slots[k + 1 :])


def ended(s: Elector, mode) -> Elector:
    """The phase ends, and the attempts of the phase end with it (rule 2)."""
    return replace(cleared(s), mode=mode, term=IntVal(0))


def sees(s: Elector, seen, uid) -> Elector:
    """A record of this term is shown, in this Lease. News about another term are forgotten (rule C4)."""
    same = And(s.known == PRESENT, s.seen == seen, s.uid == uid)
    told = replace(s, known=IntVal(PRESENT), seen=seen, uid=uid, dead=If(s.dead == seen, s.dead, 0))
    return replace(told, term_since=If(same, s.term_since, s.now))


def sends(s: Elector, k: int, kind: int, base, term, rec) -> Elector:
    return with_slot(s, k, Slot(IntVal(OUTSTANDING), IntVal(kind), base, s.now, term, rec))


def adopts_own(s: Elector, p, term) -> Elector:
    """Our own write was applied: the record ages from now on (rule 5)."""
    # A later version of it may have been seen before the answer came.
    ver = If(s.known == PRESENT, maximum(s.ver, p["v"]), p["v"])
    seen = replace(sees(s, term, p["uid"]), ver=ver, rec=s.slots[p["k"]].rec, owner=term)
    return replace(seen, since=s.now, wait=s.L)


def is_passed(s: Elector, p):
    """Another record than this slot wrote is known at a later version (rules 7 and 10)."""
    return And(s.known == PRESENT, s.ver > p["v"], s.rec != s.slots[p["k"]].rec)


def has_aged(s: Elector):
    return s.now >= s.since + s.wait


def may_bid(s: Elector, k: int, known: int):
    return And(s.mode == CONTENDING, s.known == known, s.slots[k].state == NONE)


def lives(s: Elector, term):
    """It is a term of ours that is held, is being released, or may be won by a takeover (rule 9: a create has no uid)."""
    held = And(one_of(s.mode, PROBATION, LEADING, RELEASING), s.term == term)
    return Or(held, *[And(slot.state != NONE, slot.kind != CREATE, slot.term == term) for slot in s.slots])


def may_renew(s: Elector, k: int):
    return And(holds(s), s.now < s.until, s.slots[k].state == NONE)


# Time.


def pass_guard(s, p):
    return p["t"] >= s.now


def pass_effect(s, p):
    return replace(s, now=p["t"])


def clock_back_guard(s, p):
    return p["t"] < s.now


def clock_back_effect(s, p):
    t = p["t"]
    s = ended(s, If(one_of(s.mode, CONTENDING, PROBATION), IntVal(CONTENDING), IntVal(IDLE)))
    since, term_since = (If(s.known != NOTHING, t, x) for x in (s.since, s.term_since))
    s = replace(s, now=t, since=since, term_since=term_since, lost=IntVal(0))
    return replace(s, grace=If(s.grace > 0, t + s.G, s.grace))


# What is shown.


def show_guard(s, p):
    news = Or(p["v"] > s.ver, And(p["v"] == s.ver, p["after"]))
    return And(news, Or(p["owner"] == FREE, p["wait"] >= s.L))


def show_effect(s, p):
    same = And(s.known == PRESENT, s.rec == p["rec"])
    still_free = And(s.known == PRESENT, s.owner == FREE, p["owner"] == FREE)
    ages_on = Or(same, still_free)
    seen = replace(sees(s, p["seen"], p["uid"]), ver=p["v"], rec=p["rec"], owner=p["owner"])
    return replace(seen, since=If(ages_on, s.since, s.now), wait=If(ages_on, s.wait, p["wait"]))


def show_absent_guard(s, p):
    return p["after"]


def show_absent_effect(s, p):
    ages_on = s.known == ABSENT
    s = replace(s, known=IntVal(ABSENT), seen=IntVal(0))
    return replace(s, since=If(ages_on, s.since, s.now), wait=If(ages_on, s.wait, p["wait"]))


def forget_guard(s, p):
    return BoolVal(True)


def forget_effect(s, p):
    return replace(s, known=IntVal(NOTHING), ver=IntVal(0), seen=IntVal(0), doubt=s.now + s.L)


def told_dead_guard(s, p):
    return And(p["term"] > 0, Not(lives(s, p["term"])))


def told_dead_effect(s, p):
    return replace(s, dead=p["term"])


# What is sent.


def take_over_guard(s, p):
    return And(may_bid(s, p["k"], PRESENT), has_aged(s))


def take_over_effect(s, p):
    return sends(s, p["k"], TAKEOVER, s.ver, p["term"], p["rec"])


def outlive_guard(s, p):
    """Takes the record of a process that has ended."""
    told = And(s.dead != 0, s.seen == s.dead, s.now >= s.doubt)
    unchanged = 2 * (s.now - s.since) >= 3 * s.R
    ours = And(p["own_name"], s.G == 0)
    return And(may_bid(s, p["k"], PRESENT), told, unchanged, Or(ours, s.now >= s.term_since + s.L))


def retake_guard(s, p):
    """Takes the record of our own term, which has ended by its deadline."""
    ours = And(s.lost != 0, s.seen == s.lost, s.uid == s.lost_in)
    return And(may_bid(s, p["k"], PRESENT), ours)


def create_guard(s, p):
    return And(may_bid(s, p["k"], ABSENT), has_aged(s))


def create_effect(s, p):
    return sends(s, p["k"], CREATE, IntVal(0), p["term"], p["rec"])


def renew_guard(s, p):
    return And(may_renew(s, p["k"]), s.known == PRESENT, s.owner == s.term)


def renew_effect(s, p):
    return sends(s, p["k"], RENEWAL, s.ver, s.term, p["rec"])


def recreate_guard(s, p):
    return And(may_renew(s, p["k"]), s.known == ABSENT)


def recreate_effect(s, p):
    return sends(s, p["k"], RECREATION, IntVal(0), s.term, p["rec"])


def release_guard(s, p):
    return And(s.mode == RELEASING, s.known == PRESENT, s.owner == s.term, s.slots[p["k"]].state == NONE)


def release_effect(s, p):
    return sends(s, p["k"], RELEASE, s.ver, s.term, p["rec"])


def give_up_guard(s, p):
    return And(s.slots[p["k"]].state != NONE, one_of(p["to"], UNCONFIRMED, NONE))


def give_up_effect(s, p):
    slot = s.slots[p["k"]]
    kept = {f.name: If(p["to"] == NONE, 0, getattr(slot, f.name)) for f in fields(Slot) if f.name != "state"}
    return with_slot(s, p["k"], Slot(state=p["to"], **kept))


# What succeeds.


def won_guard(s, p):
    slot = s.slots[p["k"]]
    in_time = s.now < slot.sent + s.D
    return And(s.mode == CONTENDING, is_bid(slot), p["v"] > slot.base, in_time, Not(is_passed(s, p)))


def won_effect(s, p):
    slot = s.slots[p["k"]]
    created = And(slot.kind == CREATE, s.G > 0)
    waits = Or(created, And(p["graced"], slot.sent < s.grace))
    grace = If(created, s.now + s.G, If(waits, s.grace, 0))
    won = replace(adopts_own(s, p, slot.term), mode=If(waits, IntVal(PROBATION), IntVal(LEADING)))
    return cleared(replace(won, until=slot.sent + s.D, term=slot.term, grace=grace, lost=IntVal(0)))


def renewed_guard(s, p):
    slot = s.slots[p["k"]]
    ours = And(is_renewal(slot), slot.term == s.term)
    return And(holds(s), ours, p["v"] > slot.base, s.now < s.until, Not(is_passed(s, p)))


def renewed_effect(s, p):
    slot = s.slots[p["k"]]
    # A Lease that is created again has a grace of its own.
    created = And(s.mode == PROBATION, slot.kind == RECREATION, s.G > 0)
    waits = And(s.mode == PROBATION, Or(created, slot.sent < s.grace))
    grace = If(created, s.now + s.G, If(waits, s.grace, 0))
    renewed = replace(adopts_own(s, p, s.term), mode=If(waits, IntVal(PROBATION), IntVal(LEADING)))
    return cleared(replace(renewed, until=maximum(s.until, slot.sent + s.D), grace=grace))


def won_to_release_guard(s, p):
    slot = s.slots[p["k"]]
    # Another elector could take it at once, without our grace (rule 16).
    graced = And(slot.kind == CREATE, s.G > 0)
    return And(s.mode == WITHDRAWING, is_bid(slot), p["v"] > slot.base, Not(graced), Not(is_passed(s, p)))


def won_to_release_effect(s, p):
    term = s.slots[p["k"]].term
    return replace(adopts_own(s, p, term), mode=IntVal(RELEASING), term=term, lost=IntVal(0))


def grace_guard(s, p):
    return s.G > 0


def grace_effect(s, p):
    return replace(s, grace=s.now + s.G)


# What begins and ends.


def acquire_guard(s, p):
    return s.mode == IDLE


def acquire_effect(s, p):
    return ended(s, IntVal(CONTENDING))


def lapse_guard(s, p):
    return And(holds(s), s.now >= s.until)


def lapse_effect(s, p):
    led = s.mode == LEADING
    s = replace(s, lost=If(led, s.term, 0), lost_in=If(led, s.uid, s.lost_in))
    return ended(s, If(led, IntVal(IDLE), IntVal(CONTENDING)))


def end_guard(s, p):
    from_probation = And(s.mode == PROBATION, one_of(p["to"], IDLE, CONTENDING))
    return Or(And(s.mode == LEADING, p["to"] == IDLE), from_probation)


def end_effect(s, p):
    return ended(replace(s, lost=IntVal(0)), p["to"])


def step_down_guard(s, p):
    return s.mode == LEADING


def step_down_effect(s, p):
    return replace(s, mode=IntVal(RELEASING))


def withdraw_guard(s, p):
    return And(s.mode == CONTENDING, Or([is_bid(slot) for slot in s.slots]))


def withdraw_effect(s, p):
    return replace(s, mode=IntVal(WITHDRAWING))


def finish_guard(s, p):
    return one_of(s.mode, RELEASING, WITHDRAWING)


def finish_effect(s, p):
    return ended(s, IntVal(IDLE))


def fail_guard(s, p):
    return s.mode == CONTENDING


def fail_effect(s, p):
    return ended(s, IntVal(IDLE))


ROWS: Mapping[str, Row] = {
    "pass": Row(("t",), pass_guard, pass_effect, (1,), ("elector/memory.rs::advance", "elector/turn.rs::new")),
    "clock back": Row(
        ("t",), clock_back_guard, clock_back_effect, (3,),
        ("elector/memory.rs::restart", "lease_view.rs::restart", "elector/grace.rs::restart", "elector/contending.rs::pass_time",
         "elector/holding.rs::pass_time", "elector/releasing.rs::pass_time", "elector/withdrawing.rs::pass_time", "elector/retake.rs::restart"),
    ),
    "acquire": Row((), acquire_guard, acquire_effect, (16,), ("elector.rs::take", "elector/contending.rs::begin")),
    "show": Row(
        ("v", "rec", "owner", "seen", "uid", "wait", "after"), show_guard, show_effect, (4, 5, 13, "C4", "C7"),
        ("lease_view.rs::judge", "lease_view.rs::adopt_shown", "lease_view.rs::term_since", "lease_view.rs::wait_for", "lease.rs::is_shown_by",
         "elector/turn.rs::adopt_shown", "elector/news.rs::shown"),
    ),
    "show absent": Row(
        ("wait", "after"), show_absent_guard, show_absent_effect, (5, 13),
        ("lease_view.rs::was_sent_after_newest", "lease_view.rs::adopt_absence"),
    ),
    "take over": Row(
        ("k", "term", "rec"), take_over_guard, take_over_effect, (5, 7, 9),
        ("lease_view.rs::aged_at", "elector/contending/claim.rs::held", "elector/contending/claim.rs::free",
         "elector/contending/schedule.rs::next", "elector/contending.rs::write"),
    ),
    "outlive": Row(
        ("k", "term", "rec", "own_name"), outlive_guard, take_over_effect, (7, 9, "C4", "C5", "C7"),
        ("elector/news.rs::takeable_from", "elector/contending/claim.rs::held", "elector/contending/schedule.rs::next",
         "elector/contending.rs::write"),
    ),
    "retake": Row(
        ("k", "term", "rec"), retake_guard, take_over_effect, (7, 9, "O1"),
        ("elector/retake.rs::is_shown_by", "elector/contending/claim.rs::held", "elector/contending/schedule.rs::next",
         "elector/contending.rs::write"),
    ),
    "create": Row(
        ("k", "term", "rec"), create_guard, create_effect, (5, 7, 9),
        ("lease_view.rs::aged_at", "elector/contending/claim.rs::of", "elector/contending/schedule.rs::next", "elector/contending.rs::write"),
    ),
    "renew": Row(
        ("k", "rec"), renew_guard, renew_effect, (7, 14),
        ("elector/holding.rs::next", "elector/holding.rs::write", "elector/schedule.rs::next"),
    ),
    "re-create": Row(("k", "rec"), recreate_guard, recreate_effect, (7,), ("elector/holding.rs::write",)),
    "release": Row(("k", "rec"), release_guard, release_effect, (16,), ("elector/releasing.rs::write",)),
    "won": Row(
        ("k", "v", "uid", "graced"), won_guard, won_effect, (2, 8, 15),
        ("elector/contending/answers.rs::written", "elector/contending/answers.rs::won", "elector/attempts.rs::prove",
         "elector/holding.rs::begin", "elector/grace.rs::covers", "lease_view.rs::adopt_own"),
    ),
    "renewed": Row(
        ("k", "v", "uid"), renewed_guard, renewed_effect, (2, 8, 13, 15),
        ("elector/holding/answers.rs::written", "elector/holding/answers.rs::succeeded", "elector/attempts.rs::prove",
         "elector/probation.rs::take", "elector/leading.rs::take", "elector/grace.rs::written"),
    ),
    "lapse": Row(
        (), lapse_guard, lapse_effect, (2, 3, "O1"),
        ("elector/holding.rs::pass_time", "elector/leading.rs::lose", "elector/probation.rs::take", "elector/retake.rs::lapsed"),
    ),
    "end": Row(
        ("to",), end_guard, end_effect, (14, 16),
        ("elector/holding/answers.rs::shown", "elector/leading.rs::lose", "elector/leading.rs::stop", "elector/probation.rs::take",
         "elector/probation.rs::stop"),
    ),
    "step down": Row((), step_down_guard, step_down_effect, (16,), ("elector/leading.rs::step_down", "elector/releasing.rs::begin")),
    "withdraw": Row((), withdraw_guard, withdraw_effect, (16,), ("elector/contending.rs::step_down", "elector/contending.rs::take_bid")),
    "won, to be released": Row(
        ("k", "v", "uid"), won_to_release_guard, won_to_release_effect, (16,),
        ("elector/withdrawing/answers.rs::written", "elector/withdrawing/answers.rs::shown", "elector/withdrawing/answers.rs::won"),
    ),
    "finish": Row(
        (), finish_guard, finish_effect, (16,),
        ("elector/releasing.rs::finish", "elector/withdrawing.rs::end", "elector/withdrawing.rs::give_up"),
    ),
    "fail": Row((), fail_guard, fail_effect, (12,), ("elector/contending.rs::fail", "elector/contending.rs::stop")),
    "give up": Row(
        ("k", "to"), give_up_guard, give_up_effect, (10,),
        ("elector/attempts.rs::push", "elector/attempts.rs::keep_unconfirmed", "elector/attempts.rs::expire", "elector/attempts.rs::supersede"),
    ),
    "forget": Row((), forget_guard, forget_effect, (13, "C4"), ("elector/turn.rs::rewind", "lease_view.rs::forget", "elector/news.rs::doubt_until")),
    "told dead": Row(("term",), told_dead_guard, told_dead_effect, ("C4",), ("elector/turn.rs::told_dead", "elector/news.rs::told", "elector/own_terms.rs::tried")),
    "grace": Row((), grace_guard, grace_effect, (15,), ("elector/grace.rs::shown", "elector/grace.rs::created")),
}
