"""The inductive invariant: what holds in every state that the system can reach.

Each clause has a name and says one thing. `prove.py` shows that the first state satisfies all of them, that every step
keeps them, that together they exclude two leaders, and that each of them is needed.

A *claim* of an elector is a write of it that was applied and by which it believes, or may believe when its answer comes.
The *lord* is the only elector whose claims may still count.
"""

from z3 import And, BoolVal, If, Implies, Not, Or

import protocol as P
from world import NOBODY, Setting, World, constant, counted, creates, drawn_by, is_dead, is_news, is_unwritten, of_elector, shows_term, winnable


def drifts(setting: Setting, w: World, i: int, reading, instant):
    """The clock of elector i showed this reading at that instant (A2)."""
    elapsed = w.time - instant
    shown = w.electors[i].now - reading
    slow, fast = constant(1 - setting.rho), constant(1 + setting.rho)
    return And(instant <= w.time, slow * elapsed <= shown, shown <= fast * elapsed)


def over(setting: Setting, w: World, i: int, sent):
    """A claim by a write that was sent then had ended when the reign of the lord began."""
    return sent + constant(setting.belief(i)) <= w.reign


def lease_duration(setting: Setting, i):
    return of_elector(setting, i, lambda n: setting.timings[n][0])


def lord_is_over(setting: Setting, w: World):
    return counted(w) + of_elector(setting, w.lord, setting.belief)


def clauses(setting: Setting, w: World) -> dict[str, object]:
    result = dict(register_clauses(setting, w))
    for clauses_of in (clock_clauses, view_clauses, slot_clauses, claim_clauses, grace_clauses):
        for i in setting.electors:
            for name, clause in clauses_of(setting, w, i):
                result[name] = And(result.get(name, BoolVal(True)), clause)
    a, b = w.messages
    result["messages differ"] = Implies(And(a.sent_once, b.sent_once), a.rec != b.rec)
    for m in w.messages:
        for name, clause in message_clauses(setting, w, m):
            result[name] = And(result.get(name, BoolVal(True)), clause)
    return result


def register_clauses(setting: Setting, w: World):
    r = w.register
    held = And(r.present, Not(r.free))
    yield "versions grow", And(r.ver >= 0, Implies(r.present, And(1 <= r.uid, r.uid <= r.birth, r.birth <= r.ver)))
    yield "records are numbered", And(w.next_rec >= 1, w.next_term >= 1, Implies(r.present, And(r.rec < w.next_rec, r.message < w.next_rec)))
    yield "the past is past", And(w.reign <= r.changed, r.changed <= w.time, w.quiet <= r.changed, 0 <= w.reign)
    yield "held records show a term", Implies(held, r.term > 0)
    yield "terms are drawn once", Implies(r.present, drawn(w, r.author, r.term))
    yield "a release leaves nobody", Implies(And(r.present, r.free), w.lord == NOBODY)
    if not setting.deletion:
        yield "only a lord writes", Implies(held, w.lord == If(is_dead(w, r.term, r.author), NOBODY, r.author))
        yield "before the first write", Implies(Not(r.present), And(r.ver == 0, w.lord == NOBODY, w.reign == 0))


def clock_clauses(setting: Setting, w: World, i: int):
    e, g = w.electors[i], w.ghosts[i]
    yield "clocks drift little", And(
        Implies(P.holds(e), drifts(setting, w, i, e.until - e.D, g.held)),
        Implies(e.known != P.NOTHING, drifts(setting, w, i, e.since, g.first)),
        Implies(e.known == P.PRESENT, drifts(setting, w, i, e.term_since, g.term_first)),
        Implies(e.grace > 0, drifts(setting, w, i, e.grace - e.G, g.graced)),
        e.now >= 0,
        Implies(e.grace > 0, e.G > 0),
    )
    for s, gs in zip(e.slots, g.slots):
        yield "sends are dated", Implies(s.state != P.NONE, And(s.sent >= 0, drifts(setting, w, i, s.sent, gs.at)))


def view_clauses(setting: Setting, w: World, i: int):
    e, g, r = w.electors[i], w.ghosts[i], w.register
    knows = And(e.known == P.PRESENT, r.present)
    current = And(knows, e.ver >= r.birth)
    same = And(knows, e.rec == r.rec)
    yield "views are of the past", And(
        0 <= e.ver, e.ver <= r.ver, Implies(e.known == P.PRESENT, And(e.ver >= 1, e.rec < w.next_rec, e.uid <= r.ver))
    )
    term = And(current, P.one_of(e.mode, P.PROBATION, P.LEADING, P.RELEASING), e.owner == e.term)
    yield "our term is seen", Implies(term, shows_term(w, i))
    yield "the wait begins after the write", Implies(
        And(Or(current, same), Not(r.free)),
        And(g.first >= r.changed, e.wait >= e.L, e.wait >= lease_duration(setting, r.author)),
    )
    yield "what is seen is there", Implies(current, And(e.seen == If(r.free, 0, r.term), e.uid == r.uid))
    yield "a holder knows its Lease", Implies(P.holds(e), And(e.uid == g.uid))
    in_term = P.one_of(e.mode, P.PROBATION, P.LEADING, P.RELEASING)
    yield "terms have ids", And(g.born <= w.next_term, Implies(in_term, And(e.term > 0, g.uid <= r.ver)))
    yield "terms are drawn once", Implies(in_term, living(w, i, e.term))
    yield "news are true", Implies(e.dead != 0, Or(is_news(w, e.dead), drawn_by(e.dead) == i))
    yield "what was lost was ours", Implies(e.lost != 0, And(living(w, i, e.lost), e.lost_in <= r.ver))


def drawn(w: World, i, term):
    """Elector i drew this term."""
    return And(term < w.next_term, drawn_by(term) == i)


def living(w: World, i: int, term):
    """The process that runs now drew this term."""
    return And(drawn(w, i, term), Not(is_dead(w, term, i)))


def slot_clauses(setting: Setting, w: World, i: int):
    e, g, r = w.electors[i], w.ghosts[i], w.register
    for s, gs in zip(e.slots, g.slots):
        sent, applied = s.state != P.NONE, And(s.state != P.NONE, gs.applied > 0)
        yield "slots hold writes", Implies(sent, And(s.base <= r.ver, s.rec < w.next_rec, gs.applied >= 0, s.term > 0))
        yield "applied is in the past", Implies(applied, And(s.base < gs.applied, gs.uid <= gs.applied, gs.applied <= r.ver))
        yield "a mode has its kinds", Implies(sent, kinds(e, s))
        yield "terms are drawn once", Implies(sent, living(w, i, s.term))
        shown = And(applied, r.present, r.message == s.rec)
        yield "what a slot wrote", Implies(shown, wrote(w, i, s, gs))
        current = And(applied, r.present, gs.applied >= r.birth)
        yield "an old answer is old", Implies(current, And(r.message == s.rec, r.uid == gs.uid))
        written = And(sent, r.present, r.rec == s.rec)
        yield "a record that a slot wrote", Implies(written, And(r.message == s.rec, gs.applied > 0, r.uid == gs.uid))
        renewal = And(sent, P.holds(e), s.kind == P.RENEWAL)
        yield "a renewal stays in its Lease", Implies(And(renewal, gs.applied > 0), gs.uid == g.uid)
        viewed = And(sent, e.mode != P.RELEASING, e.known == P.PRESENT, r.present, e.ver >= r.birth, e.rec == s.rec)
        yield "a view that a slot made", Implies(viewed, r.rec == s.rec)
        for m in w.messages:
            same = And(sent, m.sent_once, m.rec == s.rec)
            copy = And(m.author == i, m.base == s.base, m.kind == s.kind, m.term == s.term, m.at == gs.at, m.fresh == (gs.applied == 0))
            yield "a message is what its slot sent", Implies(same, copy)
            pending = And(renewal, winnable(w, m), m.rec == s.rec)
            yield "a renewal stays in its Lease", Implies(pending, r.uid == g.uid)


def kinds(e, s):
    bids, renewals = P.one_of(s.kind, P.TAKEOVER, P.CREATE), P.one_of(s.kind, P.RENEWAL, P.RECREATION)
    return And(
        e.mode != P.IDLE,
        Implies(P.one_of(e.mode, P.CONTENDING, P.WITHDRAWING), bids),
        Implies(P.holds(e), And(renewals, s.term == e.term)),
        (s.base == 0) == creates(s.kind),
    )


def wrote(w: World, i: int, s, gs):
    """The record in the Lease is the one that this slot of elector i wrote."""
    r = w.register
    return And(r.author == i, r.term == s.term, r.free == (s.kind == P.RELEASE))


def claim_clauses(setting: Setting, w: World, i: int):
    """Only the lord can believe, and not longer than its writes count."""
    e, g, r = w.electors[i], w.ghosts[i], w.register
    outsider = w.lord != i
    led = e.mode == P.LEADING if setting.deletion else P.holds(e)
    yield "a former leader is over", Implies(And(outsider, led), over(setting, w, i, g.held))
    yield "the lord's belief counted", Implies(And(w.lord == i, P.holds(e)), g.held <= counted(w))
    for s, gs in zip(e.slots, g.slots):
        applied = And(s.state != P.NONE, gs.applied > 0)
        may_win = And(applied, outsider, e.mode == P.CONTENDING)
        graced = And(s.kind == P.CREATE, e.G > 0, BoolVal(setting.deletion))
        yield "a former bid is over", Implies(And(may_win, Not(graced)), over(setting, w, i, gs.at))
        counts = And(applied, w.lord == i, P.one_of(e.mode, P.CONTENDING, P.PROBATION, P.LEADING))
        yield "the lord's writes counted", Implies(counts, gs.at <= counted(w))
        to_release = And(applied, P.one_of(e.mode, P.CONTENDING, P.WITHDRAWING), Not(graced))
        still = And(r.present, Not(r.free), r.author == i, r.term == s.term, r.uid == gs.uid)
        yield "what is won is the lord's", Implies(And(to_release, still), w.lord == i)
    led = And(P.one_of(e.mode, P.LEADING, P.RELEASING), shows_term(w, i))
    yield "what is led is the lord's", Implies(led, w.lord == i)
    still = And(e.lost != 0, r.present, Not(r.free), r.term == e.lost, r.uid == e.lost_in)
    yield "what was lost is the lord's", Implies(still, w.lord == i)


def grace_clauses(setting: Setting, w: World, i: int):
    e, g, r = w.electors[i], w.ghosts[i], w.register
    yield "probation is graced", Implies(e.mode == P.PROBATION, And(e.G > 0, e.grace > 0))
    if not setting.deletion:
        return
    known = And(e.known == P.PRESENT, r.present, e.uid == r.uid)
    yield "a Lease is seen after the last lord's writes", Implies(known, g.term_first >= w.quiet)
    young = And(e.mode == P.PROBATION, w.lord != i, Not(over(setting, w, i, g.held)))
    yield "the grace begins after the last lord's writes", Implies(And(young, shows_term(w, i)), g.graced >= w.quiet)
    for s, gs in zip(e.slots, g.slots):
        late = And(young, s.state != P.NONE, s.kind == P.RENEWAL, s.sent >= e.grace)
        yield "a write after the grace makes a lord", Implies(late, gs.applied == 0)
        for m in w.messages:
            pending = And(late, winnable(w, m), m.author == i, m.rec == s.rec)
            yield "a write after the grace comes late enough", Implies(pending, m.at >= lord_is_over(setting, w))


def message_clauses(setting: Setting, w: World, m):
    r = w.register
    wins = winnable(w, m)
    update = And(wins, Not(creates(m.kind)))
    kind = And(P.TAKEOVER <= m.kind, m.kind <= P.RELEASE)
    yield "messages are sent by electors", Implies(
        m.sent_once,
        And(kind, 0 <= m.author, m.author < len(setting.electors), m.base <= r.ver, m.rec < w.next_rec, 0 <= m.at, m.at <= w.time, m.term > 0),
    )
    yield "terms are drawn once", Implies(m.sent_once, drawn(w, m.author, m.term))
    yield "an update is younger than what it replaces", Implies(update, And(m.at >= r.changed, m.fresh))
    takes_over = And(update, m.kind == P.TAKEOVER)
    yield "a takeover has waited", Implies(And(takes_over, Not(r.free), m.author != w.lord), m.at >= lord_is_over(setting, w))
    own = And(Not(r.free), r.author == m.author, r.term == m.term)
    yield "a renewal follows its own", Implies(And(update, P.one_of(m.kind, P.RENEWAL, P.RELEASE)), own)
    for i in setting.electors:
        e, g = w.electors[i], w.ghosts[i]
        claims = Or(P.holds(e), And(e.mode == P.CONTENDING, Or([And(s.state != P.NONE, gs.applied > 0) for s, gs in zip(e.slots, g.slots)])))
        releases = And(update, m.kind == P.RELEASE, m.author == i)
        yield "a release comes after the belief", Implies(releases, And(P.one_of(w.lord, i, NOBODY), Not(claims)))
        late = And(update, m.author == i, is_dead(w, m.term, m.author))
        yield "the dead replace nothing of the living", Implies(late, Not(And(r.author == i, living(w, i, r.term))))
        unseen = Not(And(e.known == P.PRESENT, e.rec == m.rec))
        yield "what is not written was not seen", Implies(is_unwritten(w, m), unseen)
    yield "what is not written was not seen", Implies(And(is_unwritten(w, m), r.present), And(r.rec != m.rec, r.message != m.rec))


def mutual_exclusion(w: World):
    """At most one elector believes."""
    pairs = [(a, b) for n, a in enumerate(w.electors) for b in w.electors[:n]]
    return And([Not(And(P.believes(a), P.believes(b))) for a, b in pairs])
