"""Rules of thumb for the number of servers: good to start from, wrong both ways at the ends (science B.1)."""

import math

from dynometer.capacity.checks import between, not_negative, positive

ROUNDING = 1e-9  # so that 10.000000000000002 servers are 10


def servers_at_utilisation(offered_load: float, utilisation: float = 0.7) -> int:
    """c = ceil(a / rho), a > 0 in erlang, rho in (0, 1]"""
    if utilisation != 1:
        between("utilisation", utilisation, 0, 1)
    return max(1, math.ceil(positive("offered_load", offered_load) / utilisation - ROUNDING))


def square_root_servers(offered_load: float, beta: float = 1.0) -> int:
    """c = ceil(a + beta sqrt(a)), a > 0 in erlang; beta >= 0 is how well served the arrivals are.

    Source: S. Halfin, W. Whitt (1981).
    """
    load = positive("offered_load", offered_load)
    return max(1, math.ceil(load + not_negative("beta", beta) * math.sqrt(load) - ROUNDING))


def halfin_whitt_p_wait(beta: float) -> float:
    """P(wait) ~ 1 / (1 + beta Phi(beta) / phi(beta)), beta > 0, for a + beta sqrt(a) servers and large a.

    Source: S. Halfin, W. Whitt, "Heavy-traffic limits for queues with many exponential servers" (1981).
    """
    beta = positive("beta", beta)
    below = math.erfc(-beta / math.sqrt(2)) / 2
    log_density = -beta * beta / 2 - math.log(2 * math.pi) / 2
    return 1 / (1 + beta * below * math.exp(-log_density)) if log_density > -700 else 0.0


def servers_for_loss(offered_load: float, rejected_share: float) -> int:
    """The smallest c with Erlang B <= rejected_share (0, 1): where nobody can wait."""
    load = positive("offered_load", offered_load)
    share, servers, blocked = between("rejected_share", rejected_share, 0, 1), 0, 1.0
    while blocked > share:
        servers += 1
        blocked = load * blocked / (servers + load * blocked)
    return servers


def with_absences(servers: int, absent_share: float) -> int:
    """ceil(c / (1 - share)): how many to have so that c are there while a share [0, 1) is away (in a deploy, say)."""
    if absent_share:
        between("absent_share", absent_share, 0, 1)
    return math.ceil(servers / (1 - absent_share) - ROUNDING)
