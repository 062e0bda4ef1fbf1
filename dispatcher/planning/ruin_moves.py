"""The changes the improver tries, compiled. Each notes what it changed, so that it can be taken back."""

from __future__ import annotations

from dispatcher.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Held
from dispatcher.planning.ruin_links import add_up, slides
from dispatcher.planning.ruin_screen import hopeless

CREW_TRIES = 4
"""Near visits looked at for a caregiver who may take one role of a crew."""


@compiled
def draw(h: Held, below: int) -> int:
    """A whole number from 0 up to `below`, exclusive (xorshift64*; Vigna 2016)."""
    x = h.random[0]
    x ^= x >> 12
    x ^= x << 25
    x ^= x >> 27
    h.random[0] = x
    return int((x >> 33) % below)


@compiled
def begin(g: Given, h: Held) -> None:
    """Forget the change before: nothing is changed yet."""
    h.tally[0] = 0
    h.tally[1] = h.order.shape[0]
    h.tally[2] = -1
    h.tally[3] = 0
    h.pinned[g.first.shape[0]] = 0


@compiled
def pin(g: Given, h: Held, c: int) -> None:
    """Note that caregiver `c` has another sequence than before."""
    m = g.first.shape[0]
    if c >= 0 and h.state[c, 4] == 0:
        h.state[c, 4] = 2
        h.pinned[h.pinned[m]] = c
        h.pinned[m] += 1


@compiled
def note(h: Held, kind: int, v: int, a: int, b: int) -> None:
    """Write one change down, to be undone last first."""
    i = h.tally[0]
    h.undo[i, 0] = kind
    h.undo[i, 1] = v
    h.undo[i, 2] = a
    h.undo[i, 3] = b
    h.tally[0] = i + 1
    h.mark[v] = 1


@compiled
def give(g: Given, h: Held, v: int, r: int, c: int) -> None:
    """Give role `r` of visit `v` to caregiver `c` (-1: to no one)."""
    if h.carer[v, r] == c:
        return
    note(h, 0, v, r, int(h.carer[v, r]))
    pin(g, h, int(h.carer[v, r]))
    pin(g, h, c)
    h.carer[v, r] = c
    h.tally[1] = min(h.tally[1], h.pos[v])
    h.tally[2] = max(h.tally[2], h.pos[v])


@compiled
def shift(h: Held, v: int, to: int) -> None:
    """Put visit `v` at position `to` of the order; those between move by one."""
    at = int(h.pos[v])
    step = 1 if to > at else -1
    while at != to:
        u = h.order[at + step]
        h.order[at] = u
        h.pos[u] = at
        at += step
    h.order[to] = v
    h.pos[v] = to


@compiled
def move(g: Given, h: Held, v: int, to: int) -> None:
    """Move visit `v` to position `to`, as a change that can be undone."""
    at = int(h.pos[v])
    to = min(max(to, 0), h.order.shape[0] - 1)
    if at == to:
        return
    note(h, 1, v, at, 0)
    for r in range(g.n_roles[v]):
        if g.fixed[v, r] < 0:
            pin(g, h, int(h.carer[v, r]))
    h.tally[1] = min(h.tally[1], min(at, to))
    h.tally[2] = max(h.tally[2], max(at, to))
    shift(h, v, to)


@compiled
def undo(h: Held) -> None:
    """Take every noted change back."""
    for i in range(h.tally[0] - 1, -1, -1):
        v = int(h.undo[i, 1])
        h.mark[v] = 0
        if h.undo[i, 0] == 0:
            h.carer[v, h.undo[i, 2]] = h.undo[i, 3]
        else:
            shift(h, v, int(h.undo[i, 2]))


@compiled
def may(g: Given, h: Held, v: int, r: int, c: int) -> bool:
    """Whether `c` may take the role and has no other role of the visit."""
    if c < 0 or not g.fit[v, r, c] or g.fixed[v, r] >= 0:
        return False
    others = 0
    for q in range(g.n_roles[v]):
        if q != r and h.carer[v, q] == c:
            others += 1
    return others == 0


@compiled
def fill(g: Given, h: Held, v: int) -> None:
    """Give every role of `v` that has no caregiver to some caregiver who may take it."""
    m = g.first.shape[0]
    for r in range(g.n_roles[v]):
        if h.carer[v, r] >= 0 or g.fixed[v, r] >= 0:
            continue
        c = draw(h, m)
        for _ in range(m):
            if may(g, h, v, r, c):
                give(g, h, v, r, c)
                break
            c = (c + 1) % m


@compiled
def neighbour(g: Given, h: Held, v: int, after: bool) -> int:
    """A visit close to `v`, the closest likeliest; -1 if there is none to place beside."""
    keep = g.near.shape[1] // 2
    a, b = draw(h, keep), draw(h, keep)
    u = int(g.near[v, min(a, b) + (keep if after else 0)])
    return u if h.pos[u] >= 0 and u != v else -1


@compiled
def move_beside(g: Given, h: Held, v: int, u: int, after: bool) -> None:
    """Move `v` in the order to just before `u` where it is to come `after`, else to just behind."""
    at = int(h.pos[u])
    if after:
        move(g, h, v, at if at < h.pos[v] else at - 1)
    else:
        move(g, h, v, at + 1 if at < h.pos[v] else at)


@compiled
def beside(g: Given, h: Held, v: int, allowed: float) -> None:
    """Put `v` just after (or before) a near visit, on that visit's caregiver, unless that is hopeless."""
    after = draw(h, 2) == 0
    u = neighbour(g, h, v, after)
    if u < 0:
        return
    r, q = draw(h, int(g.n_roles[v])), draw(h, int(g.n_roles[u]))
    c = int(h.carer[u, q])
    if h.carer[v, r] != c:
        if not may(g, h, v, r, c) or hopeless(g, h, v, r, u, q, after, allowed):
            return
        give(g, h, v, r, c)
        fill(g, h, v)
    move_beside(g, h, v, u, after)


@compiled
def crew_beside(g: Given, h: Held, v: int) -> None:
    """Put `v` beside a near visit, and each role on that visit's caregivers or on another near one's."""
    after = draw(h, 2) == 0
    u = neighbour(g, h, v, after)
    if u < 0:
        return
    deep = int(g.n_roles[v])
    start = draw(h, deep)
    for k in range(deep):
        r, w = (start + k) % deep, u
        for _ in range(CREW_TRIES):
            c = int(h.carer[w, draw(h, int(g.n_roles[w]))]) if w >= 0 else -1
            if c >= 0 and c == h.carer[v, r]:
                break
            if may(g, h, v, r, c):
                give(g, h, v, r, c)
                break
            w = neighbour(g, h, v, after)
    fill(g, h, v)
    move_beside(g, h, v, u, after)


@compiled
def wander(g: Given, h: Held, v: int) -> None:
    """Move `v` by up to a tenth of the order; at once where that makes no difference but to later changes."""
    n = h.order.shape[0]
    at, reach = int(h.pos[v]), n // 10 + 3
    to = min(max(at + draw(h, 2 * reach + 1) - reach, 0), n - 1)
    if slides(g, h, v, to):
        shift(h, v, to)
        add_up(g, h, min(at, to), max(at, to))
    else:
        move(g, h, v, to)


@compiled
def follow(g: Given, h: Held, v: int) -> None:
    """Put `v` and the visit after it on its caregiver beside a near visit, on that visit's caregiver."""
    r = draw(h, int(g.n_roles[v]))
    mine, n = int(h.carer[v, r]), h.order.shape[0]
    if mine < 0 or g.fixed[v, r] >= 0:
        return
    u = neighbour(g, h, v, False)
    if u < 0:
        return
    c = int(h.carer[u, draw(h, int(g.n_roles[u]))])
    if c == mine or not may(g, h, v, r, c):
        return
    for i in range(h.pos[v] + 1, n):
        w = int(h.order[i])
        for q in range(g.n_roles[w]):
            if h.carer[w, q] == mine and g.fixed[w, q] < 0:
                if w == u or not may(g, h, w, q, c):
                    return
                give(g, h, v, r, c)
                give(g, h, w, q, c)
                move(g, h, v, int(h.pos[u]) + (1 if h.pos[u] < h.pos[v] else 0))
                move(g, h, w, int(h.pos[v]) + (1 if h.pos[v] < h.pos[w] else 0))
                return


@compiled
def swap(g: Given, h: Held, v: int) -> None:
    """Let the caregivers of `v` and of a near visit change places, often the positions too."""
    u = neighbour(g, h, v, draw(h, 2) == 0)
    if u < 0:
        return
    r, q = draw(h, int(g.n_roles[v])), draw(h, int(g.n_roles[u]))
    a, b = int(h.carer[v, r]), int(h.carer[u, q])
    if a == b or not may(g, h, v, r, b) or not may(g, h, u, q, a):
        return
    give(g, h, v, r, b)
    give(g, h, u, q, a)
    if draw(h, 2) == 0:
        here, there = int(h.pos[v]), int(h.pos[u])
        move(g, h, v, there)
        move(g, h, u, here)


@compiled
def change_carer(g: Given, h: Held, v: int) -> None:
    """Give a role of `v` to any caregiver who may take it, where it stands."""
    r, c = draw(h, int(g.n_roles[v])), draw(h, g.first.shape[0])
    for _ in range(g.first.shape[0]):
        if c != h.carer[v, r] and may(g, h, v, r, c):
            give(g, h, v, r, c)
            fill(g, h, v)
            return
        c = (c + 1) % g.first.shape[0]


@compiled
def swap_tails(g: Given, h: Held, v: int) -> None:
    """From `v` on, let its caregiver and that of a near visit change the rest of their days."""
    u = neighbour(g, h, v, False)
    if u < 0:
        return
    a = int(h.carer[v, draw(h, int(g.n_roles[v]))])
    b = int(h.carer[u, draw(h, int(g.n_roles[u]))])
    if a < 0 or b < 0 or a == b:
        return
    start = int(h.pos[v])
    for i in range(start, h.order.shape[0]):
        if not may_trade(g, h, int(h.order[i]), a, b):
            return
    for i in range(start, h.order.shape[0]):
        trade(g, h, int(h.order[i]), a, b)


@compiled
def may_trade(g: Given, h: Held, w: int, a: int, b: int) -> bool:
    """Whether what `a` and `b` do at visit `w` could be done by the other."""
    for r in range(g.n_roles[w]):
        if g.fixed[w, r] < 0 and (h.carer[w, r] == a or h.carer[w, r] == b):
            other = b if h.carer[w, r] == a else a
            if not g.fit[w, r, other]:
                return False
    return True


@compiled
def trade(g: Given, h: Held, w: int, a: int, b: int) -> None:
    """Let `a` and `b` change places at visit `w`."""
    for r in range(g.n_roles[w]):
        if g.fixed[w, r] >= 0:
            continue
        if h.carer[w, r] == a:
            give(g, h, w, r, b)
        elif h.carer[w, r] == b:
            give(g, h, w, r, a)


@compiled
def drop(g: Given, h: Held, v: int) -> None:
    """Leave `v` out, both halves of a crew together."""
    for r in range(g.n_roles[v]):
        if g.fixed[v, r] < 0:
            give(g, h, v, r, -1)


@compiled
def change(g: Given, h: Held, allowed: float) -> None:
    """Try one change of a kind drawn at random; none where it must cost more than `allowed`."""
    begin(g, h)
    v = int(h.order[draw(h, h.order.shape[0])])
    kind = draw(h, 100)
    if kind < 25 and g.n_roles[v] > 1:
        crew_beside(g, h, v)
    elif kind < 50:
        beside(g, h, v, allowed)
    elif kind < 64:
        wander(g, h, v)
    elif kind < 74:
        change_carer(g, h, v)
    elif kind < 86:
        swap(g, h, v)
    elif kind < 92:
        follow(g, h, v)
    elif kind < 98:
        swap_tails(g, h, v)
    elif h.worth[v, 2] == 1 and g.dear[v] < 100_000:
        drop(g, h, v)
