"""Everything around the electors: the register, the network, real time, and the steps of the whole system.

`protocol.py` says what one elector may do. This page says what it meets: clocks that drift, writes that arrive late,
twice or never, reads of any age, crashes, edits of labels, and deletions if the setting allows them.

What is marked *ghost* does not exist in the real system. It remembers what happened when, in real time, so that the
invariant can speak of it. No guard of an elector reads a ghost.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from typing import Callable, Iterator

from z3 import And, Bool, BoolVal, Function, If, Implies, Int, IntSort, IntVal, Not, Or, Real, RealVal

import protocol as P
from protocol import Elector, Slot

SLOTS = 2
# A step sends or applies one message, and each clause of the invariant speaks of one. So two stand for any number.
MESSAGES = 2
NOBODY = -1
# Who draws a term: a number is given out once. Nobody reads this before the term is drawn.
drawn_by = Function("drawn by", IntSort(), IntSort())


@dataclass(frozen=True)
class Setting:
    """What a theorem is about: the timings (L, D) of each elector, the clock rate error, and what may happen."""

    timings: tuple[tuple[int, int], ...]
    rho: Fraction
    deletion: bool = False
    grace: int | None = None  # the same for all; None: any

    def belief(self, i: int) -> Fraction:
        """How long elector i can believe after the send of its write, in real time."""
        return Fraction(self.timings[i][1]) / (1 - self.rho)

    @property
    def electors(self) -> range:
        return range(len(self.timings))


@dataclass(frozen=True)
class Register:
    """The Lease on the API server."""

    present: object
    ver: object
    uid: object  # the version of the write that created this Lease
    rec: object  # the identity of the record: its uid and its fields
    birth: object  # the version of the write that wrote this record
    author: object  # the elector that wrote it
    term: object
    free: object
    message: object  # ghost: the id of the message that wrote it
    changed: object  # ghost: when it was written, or deleted


@dataclass(frozen=True)
class Message:
    """A write that may arrive: once, twice, late or never. It outlives its slot, and its sender."""

    sent_once: object  # whether there is such a message
    author: object
    kind: object
    base: object
    term: object
    rec: object
    fresh: object  # no record of this identity was ever in the Lease
    at: object  # ghost: when it was sent


@dataclass(frozen=True)
class SlotGhost:
    at: object  # when the write was sent
    applied: object  # the version that it made; 0 if it was not applied
    uid: object  # the Lease that it was applied to


@dataclass(frozen=True)
class Ghost:
    """What happened to an elector, in real time."""

    held: object  # the send of the write that it believes by, or holds by in probation
    first: object  # `since`
    term_first: object  # `term_since`
    graced: object  # when its create grace was begun
    uid: object  # not a ghost: the uid of the Lease that its term is in
    born: object  # its process began when this term was the next one; terms that it drew before are those of the dead
    slots: tuple[SlotGhost, ...]


@dataclass(frozen=True)
class World:
    time: object
    next_rec: object  # the next identity that was never used
    next_term: object
    register: Register
    electors: tuple[Elector, ...]
    ghosts: tuple[Ghost, ...]
    messages: tuple[Message, ...]
    # Ghosts: the only elector that may believe; since when no other can; and, if the Lease is not its own any more, until
    # when its writes counted.
    lord: object
    reign: object
    quiet: object


@dataclass(frozen=True)
class Step:
    name: str
    guard: object
    after: World


# Symbols.

BOOLS = {"present", "free", "sent_once", "fresh"}
TIMES = {"time", "changed", "at", "held", "first", "term_first", "graced", "reign", "quiet"}
TIMES |= {"L", "D", "R", "G", "now", "until", "grace", "since", "term_since", "wait", "doubt", "sent"}


def symbol(name: str, field: str):
    if field in BOOLS:
        return Bool(name)
    return Real(name) if field in TIMES else Int(name)


def symbols(kind: type, name: str, **given):
    """An instance whose fields are symbols, except those that are given."""
    rest = {f.name: symbol(f"{name}.{f.name}", f.name) for f in fields(kind) if f.name not in given}
    return kind(**rest, **given)


def constant(x: Fraction | int):
    return RealVal(str(Fraction(x)))


def world(setting: Setting, prefix: str = "") -> World:
    """A world of symbols; the prefix tells those of one instant from those of another."""
    electors, ghosts = [], []
    for i, (lease, deadline) in enumerate(setting.timings):
        slots = tuple(symbols(Slot, f"{prefix}e{i}.slot{k}") for k in range(SLOTS))
        given = {"L": constant(lease), "D": constant(deadline), "slots": slots}
        if setting.grace is not None:
            given["G"] = constant(setting.grace)
        electors.append(symbols(Elector, f"{prefix}e{i}", **given))
        slot_ghosts = tuple(symbols(SlotGhost, f"{prefix}g{i}.slot{k}") for k in range(SLOTS))
        ghosts.append(symbols(Ghost, f"{prefix}g{i}", slots=slot_ghosts))
    return symbols(
        World,
        f"{prefix}w",
        register=symbols(Register, f"{prefix}reg"),
        electors=tuple(electors),
        ghosts=tuple(ghosts),
        messages=tuple(symbols(Message, f"{prefix}m{n}") for n in range(MESSAGES)),
    )


def values(part) -> Iterator:
    """What its fields are, in their order."""
    if is_dataclass(part):
        for f in fields(part):
            yield from values(getattr(part, f.name))
    elif isinstance(part, tuple):
        for x in part:
            yield from values(x)
    else:
        yield part


def differences(before: World, after: World) -> list[tuple]:
    """The symbols of a world that a step gives other values, with these values."""
    pairs = zip(values(before), values(after))
    return [(x, x.sort().cast(y)) for x, y in pairs if not x.eq(x.sort().cast(y))]


# What is true of a world.


def creates(kind):
    return P.one_of(kind, P.CREATE, P.RECREATION)


def winnable(w: World, m: Message):
    """The server would carry it out: a compare-and-swap on the version (rule 7), or a create that finds no Lease."""
    r = w.register
    return And(m.sent_once, If(creates(m.kind), Not(r.present), And(r.present, m.base == r.ver)))


def is_unwritten(w: World, m: Message):
    """It was never carried out, but it may still be: no record of its identity was ever in the Lease."""
    return And(m.sent_once, m.fresh, Or(creates(m.kind), winnable(w, m)))


def shows_term(w: World, i: int):
    """The record shows the term of elector i (rule 14): the same Lease, the same holder, the same term."""
    r, e, g = w.register, w.electors[i], w.ghosts[i]
    return And(r.present, Not(r.free), r.author == i, r.term == e.term, r.uid == g.uid)


def is_dead(w: World, term, author):
    """The process that drew this term has ended."""
    born = IntVal(0)
    for n, g in enumerate(w.ghosts):
        born = If(author == n, g.born, born)
    return term < born


def counted(w: World):
    """No claim of the lord is by a write that was sent after this."""
    r = w.register
    return If(is_the_lords(w), r.changed, w.quiet)


def is_the_lords(w: World):
    r = w.register
    return And(r.present, r.author == w.lord, Not(is_dead(w, r.term, r.author)))


def of_elector(setting: Setting, i, value: Callable[[int], Fraction | int]):
    """value(i), of a symbolic i; 0 of nobody."""
    chosen = RealVal(0)
    for n in setting.electors:
        chosen = If(i == n, constant(value(n)), chosen)
    return chosen


# What happens when a message arrives.


def delivered(w: World, n: int, moved, setting: Setting) -> World:
    """The server carries message n out. `moved`: the sender hears of this one, if a create is carried out twice."""
    m, r = w.messages[n], w.register
    ver = r.ver + 1
    creating = creates(m.kind)
    releasing = m.kind == P.RELEASE
    rec = If(m.fresh, m.rec, w.next_rec)
    register = Register(
        present=BoolVal(True), ver=ver, uid=If(creating, ver, r.uid), rec=rec, birth=ver, author=m.author, term=m.term,
        free=releasing, message=m.rec, changed=w.time,
    )
    ghosts = tuple(
        replace(g, slots=tuple(told(s, gs, And(m.author == i, s.rec == m.rec), register, moved) for s, gs in zip(e.slots, g.slots)))
        for i, (e, g) in enumerate(zip(w.electors, w.ghosts))
    )
    # The author becomes the lord if, when it sent this, nobody else could believe any more.
    alone = m.at >= counted(w) + of_elector(setting, w.lord, setting.belief)
    succeeds = And(m.at >= w.reign, Or(w.lord == NOBODY, alone), m.author != w.lord)
    successor = If(is_dead(w, m.term, m.author), NOBODY, m.author)
    return replace(
        w,
        register=register,
        ghosts=ghosts,
        next_rec=If(m.fresh, w.next_rec, w.next_rec + 1),
        messages=w.messages[:n] + (replace(m, fresh=BoolVal(False)),) + w.messages[n + 1 :],
        lord=If(releasing, NOBODY, If(succeeds, successor, w.lord)),
        reign=If(Or(releasing, succeeds), m.at, w.reign),
    )


def told(slot: Slot, g: SlotGhost, its_own, register: Register, moved) -> SlotGhost:
    applies = And(its_own, slot.state != P.NONE, Or(g.applied == 0, moved))
    return replace(g, applied=If(applies, register.ver, g.applied), uid=If(applies, register.uid, g.uid))


# The steps.


def with_elector(w: World, i: int, e: Elector, g: Ghost) -> World:
    return replace(
        w, electors=w.electors[:i] + (e,) + w.electors[i + 1 :], ghosts=w.ghosts[:i] + (g,) + w.ghosts[i + 1 :]
    )


def steps(setting: Setting, w: World, rows=P.ROWS) -> Iterator[Step]:
    """All steps of the system. Slots are interchangeable, and messages are: only the first of each acts."""
    yield time_passes(setting, w, rows)
    yield from server_steps(setting, w)
    for i in setting.electors:
        yield from elector_steps(setting, w, i, rows)


def time_passes(setting: Setting, w: World, rows) -> Step:
    """Real time goes on, and each clock by that much, more or less (A2)."""
    elapsed = Real("elapsed")
    guard, electors = [elapsed > 0], []
    for i, e in enumerate(w.electors):
        p = {"t": Real(f"t{i}")}
        slow, fast = constant(1 - setting.rho) * elapsed, constant(1 + setting.rho) * elapsed
        guard += [rows["pass"].guard(e, p), slow <= p["t"] - e.now, p["t"] - e.now <= fast]
        electors.append(rows["pass"].effect(e, p))
    return Step("pass", And(guard), replace(w, time=w.time + elapsed, electors=tuple(electors)))


def server_steps(setting: Setting, w: World) -> Iterator[Step]:
    r = w.register
    yield Step("a message arrives", winnable(w, w.messages[0]), delivered(w, 0, Bool("moved"), setting))
    yield Step("a label is edited", r.present, replace(w, register=replace(r, ver=r.ver + 1)))
    if setting.deletion:
        deleted = replace(r, present=BoolVal(False), ver=r.ver + 1, changed=w.time)
        quiet = If(is_the_lords(w), w.time, w.quiet)
        yield Step("the Lease is deleted", r.present, replace(w, register=deleted, quiet=quiet))


def elector_steps(setting: Setting, w: World, i: int, rows) -> Iterator[Step]:
    e, g = w.electors[i], w.ghosts[i]

    def step(row: str, ghost: Ghost = g, where=BoolVal(True), **params) -> Step:
        guard = And(rows[row].guard(e, params), where)
        return Step(f"{row} ({i})", guard, with_elector(w, i, rows[row].effect(e, params), ghost))

    t, to, term = Real("t"), Int("to"), Int("term")
    restarted = replace(g, first=w.time, term_first=w.time, graced=w.time)
    yield step("clock back", restarted, t >= 0, t=t)
    for row in ("acquire", "lapse", "step down", "withdraw", "finish", "fail"):
        yield step(row)
    yield step("end", to=to)
    yield step("give up", k=0, to=to)
    yield step("forget")
    yield step("told dead", where=is_news(w, term), term=term)
    yield step("grace", replace(g, graced=w.time))
    yield from shows(setting, w, i, rows)
    yield from sends(w, i, rows)
    yield from successes(w, i, rows)
    yield crash(w, i)


def shows(setting: Setting, w: World, i: int, rows) -> Iterator[Step]:
    """Reads and events may be arbitrarily stale."""
    e, g, r = w.electors[i], w.ghosts[i], w.register
    after, wait = Bool("after"), Real("wait")
    p = {name: Int(name) for name in ("v", "rec", "owner", "seen", "uid")} | {"wait": wait, "after": after}
    current = And(r.present, p["v"] >= r.birth)
    owner = If(r.free, P.FREE, If(shows_term(w, i), e.term, P.SOMEBODY_ELSE))
    asked = Or(r.free, wait >= of_elector(setting, r.author, lambda n: setting.timings[n][0]))
    # An old record was in the Lease before, so no message has still to write it.
    unwritten = [And(is_unwritten(w, m), p["rec"] == m.rec) for m in w.messages]
    unlike = And(Implies(r.present, p["rec"] != r.rec), p["rec"] < w.next_rec, Not(Or(unwritten)))
    ours = Implies(And(P.holds(e), p["owner"] == e.term), p["uid"] == g.uid)
    old = And(unlike, ours, p["uid"] <= p["v"], 0 <= p["seen"], p["seen"] < w.next_term)
    newest = And(p["rec"] == r.rec, p["owner"] == owner, p["seen"] == If(r.free, 0, r.term), p["uid"] == r.uid, asked)
    history = And(p["v"] >= 1, p["v"] <= r.ver, If(current, newest, old))
    seen = rows["show"].effect(e, p)
    # Rule 14: another holder's record ends the term at once.
    lost = And(P.holds(e), p["owner"] != e.term)
    ended = P.either(lost, rows["end"].effect(seen, {"to": P.CONTENDING}), seen)
    ended = replace(ended, mode=If(And(lost, e.mode == P.LEADING), IntVal(P.IDLE), ended.mode))
    ages_on = And(e.known == P.PRESENT, seen.since == e.since)
    first = sees_term(w, e, seen, replace(g, first=If(ages_on, g.first, w.time)))
    yield Step(f"show ({i})", And(rows["show"].guard(e, p), history), with_elector(w, i, ended, first))

    p = {"wait": wait, "after": after}
    seen = rows["show absent"].effect(e, p)
    first = replace(g, first=If(e.known == P.ABSENT, g.first, w.time))
    yield Step(f"show absent ({i})", rows["show absent"].guard(e, p), with_elector(w, i, seen, first))


def sees_term(w: World, e: Elector, after: Elector, g: Ghost) -> Ghost:
    """Keeps in mind when a term was seen first."""
    stays = And(e.known == P.PRESENT, e.seen == after.seen, after.term_since == e.term_since)
    return replace(g, term_first=If(stays, g.term_first, w.time))


def is_news(w: World, term):
    """The kubelet tells only of processes that have ended (A6)."""
    author = drawn_by(term)
    return And(0 <= author, author < len(w.electors), is_dead(w, term, author))


def draws(w: World, i: int, term):
    """A bid has a term that was never used, or one of this very process, as the attempts of a bid share it (rule 9)."""
    return And(0 < term, drawn_by(term) == i, w.ghosts[i].born <= term, term <= w.next_term)


def sends(w: World, i: int, rows) -> Iterator[Step]:
    e, g = w.electors[i], w.ghosts[i]
    term = Int("term")
    p = {"k": 0, "rec": w.next_rec, "term": term, "own_name": Bool("own name")}
    for row in ("take over", "outlive", "retake", "create", "renew", "re-create", "release"):
        after = rows[row].effect(e, p)
        slot = after.slots[0]
        message = Message(
            sent_once=BoolVal(True), author=IntVal(i), kind=slot.kind, base=slot.base, term=slot.term, rec=slot.rec,
            fresh=BoolVal(True), at=w.time,
        )
        ghost = replace(g, slots=(SlotGhost(w.time, IntVal(0), IntVal(0)),) + g.slots[1:])
        sent = replace(with_elector(w, i, after, ghost), messages=(message,) + w.messages[1:], next_rec=w.next_rec + 1)
        bids = "term" in rows[row].params
        drawn = replace(sent, next_term=If(term == w.next_term, w.next_term + 1, w.next_term)) if bids else sent
        yield Step(f"{row} ({i})", And(rows[row].guard(e, p), draws(w, i, term) if bids else True), drawn)


def successes(w: World, i: int, rows) -> Iterator[Step]:
    """The answer to a write, or its proof by a read: at the version that it made, or at a later one that shows the same."""
    e, g, r = w.electors[i], w.ghosts[i], w.register
    v, gs, slot = Int("v"), g.slots[0], e.slots[0]
    still_shown = Implies(And(r.present, v >= r.birth), And(r.message == slot.rec, r.uid == gs.uid))
    proof = And(v >= gs.applied, v <= r.ver, still_shown, slot.kind != P.CREATE)
    told = And(gs.applied > 0, Or(v == gs.applied, proof))
    p = {"k": 0, "v": v, "uid": gs.uid, "graced": Bool("of this Lease")}
    for row in ("won", "renewed", "won, to be released"):
        after = rows[row].effect(e, p)
        held = g.held if row == "won, to be released" else If(after.until == e.until, g.held, gs.at)
        if row == "won":
            held = gs.at
        graced = If(after.grace == e.grace, g.graced, w.time)
        ghost = sees_term(w, e, after, replace(g, held=held, first=w.time, graced=graced, uid=gs.uid))
        yield Step(f"{row} ({i})", And(rows[row].guard(e, p), told), with_elector(w, i, after, ghost))


def crash(w: World, i: int) -> Step:
    """The process dies and starts again: it remembers nothing. What it sent may still arrive."""
    e, g = w.electors[i], w.ghosts[i]
    zero = {f.name: IntVal(0) for f in fields(Elector) if f.name not in ("L", "D", "R", "G", "now", "slots")}
    reborn = replace(P.cleared(e), **{name: RealVal(0) if name in TIMES else value for name, value in zero.items()})
    after = with_elector(w, i, reborn, replace(g, born=w.next_term))
    return Step(f"crash ({i})", BoolVal(True), replace(after, lord=If(w.lord == i, NOBODY, w.lord)))


def start(setting: Setting, w: World):
    """The first state: no Lease, nobody wants to lead, nothing was sent."""
    idle = [And(e.mode == P.IDLE, e.known == P.NOTHING, e.ver == 0, e.term == 0, e.grace == 0, e.now >= 0) for e in w.electors]
    idle += [And(e.seen == 0, e.dead == 0, e.lost == 0, g.born == 1) for e, g in zip(w.electors, w.ghosts)]
    empty = [s.state == P.NONE for e in w.electors for s in e.slots]
    nothing = [Not(m.sent_once) for m in w.messages]
    register = And(Not(w.register.present), w.register.ver == 0, w.register.changed == 0)
    ghosts = And(w.time >= 0, w.lord == NOBODY, w.reign == 0, w.quiet == 0, w.next_rec == 1, w.next_term == 1)
    return And(register, ghosts, *idle, *empty, *nothing)
