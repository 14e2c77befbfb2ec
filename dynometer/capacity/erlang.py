"""Erlang's two formulas, by recurrence: factorials overflow at 171 servers, this does not at a million.

Offered load a = arrival rate x mean service time [erlang]: the number of servers that are busy on average.
"""

from dynometer.capacity.checks import not_negative, stable, whole


def erlang_b(servers: int, offered_load: float) -> float:
    """Share [0, 1] of arrivals that find all servers busy and leave (M/G/c/c: no waiting room).

    B(0) = 1;  B(k) = a B(k-1) / (k + a B(k-1))
    Source: A. K. Erlang (1917).  Raises InvalidInput below 0 servers or 0 erlang; any load is allowed, c <= a too.
    """
    servers, load = whole("servers", servers, 0), not_negative("offered_load", offered_load)
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c(servers: int, offered_load: float) -> float:
    """Share [0, 1] of arrivals that find all servers busy and wait (M/M/c).

    C = c B / (c - a (1 - B)), B of `erlang_b`, a < c
    Source: A. K. Erlang (1917).  Raises Unstable where a >= c, InvalidInput below 1 server or 0 erlang.
    """
    servers, load = whole("servers", servers, 1), not_negative("offered_load", offered_load)
    stable(load, servers)
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1 - blocked))
