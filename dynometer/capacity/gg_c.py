"""Mean waits when arrivals are not Poisson or services not exponential.

cv2 is the squared coefficient of variation: variance over squared mean.  Arrivals: 1 Poisson, 0 evenly spaced.
All times in seconds, all raise Unstable where arrival_per_s * service_s >= servers, InvalidInput for numbers that are
no rates.  science B.3 has the size of their errors: within 10 % for cv2 <= 1, up to 40 % above for cs2 = 4, c = 16.
"""

import math

from dynometer.capacity.checks import not_negative, offered, stable, whole
from dynometer.capacity.erlang import erlang_c


def pollaczek_khinchine_wait_mean_s(arrival_per_s: float, service_s: float, service_cv2: float) -> float:
    """M/G/1, exact:  Wq = rho/(1-rho) (1 + cs2)/2 S

    Source: F. Pollaczek (1930), A. Khinchine (1932).
    """
    return kingman_wait_mean_s(arrival_per_s, service_s, 1.0, service_cv2)


def kingman_wait_mean_s(arrival_per_s: float, service_s: float, arrival_cv2: float, service_cv2: float) -> float:
    """G/G/1:  Wq ~ rho/(1-rho) (ca2 + cs2)/2 S;  exact for Poisson arrivals, and better the busier the server.

    Source: J. F. C. Kingman, "The single server queue in heavy traffic" (1961).
    """
    rho = _load(arrival_per_s, service_s, 1)
    return rho / (1 - rho) * _variability(arrival_cv2, service_cv2) * service_s


def allen_cunneen_wait_mean_s(
    arrival_per_s: float, service_s: float, servers: int, arrival_cv2: float = 1.0, service_cv2: float = 1.0
) -> float:
    """G/G/c:  Wq ~ C/(c mu - lambda) (ca2 + cs2)/2, C of Erlang;  exact for M/M/c and M/G/1.

    Source: A. O. Allen, "Probability, Statistics, and Queueing Theory" (1978).
    """
    load = _load(arrival_per_s, service_s, servers)
    return erlang_c(servers, load) * service_s / (servers - load) * _variability(arrival_cv2, service_cv2)


def sakasegawa_wait_mean_s(
    arrival_per_s: float, service_s: float, servers: int, arrival_cv2: float = 1.0, service_cv2: float = 1.0
) -> float:
    """G/G/c without Erlang C:  Wq ~ (ca2 + cs2)/2 rho^(sqrt(2(c+1)) - 1) / (c (1-rho)) S;  exact for M/G/1.

    Source: H. Sakasegawa, "An approximation formula Lq = alpha rho^beta / (1 - rho)" (1977).
    """
    rho = _load(arrival_per_s, service_s, servers) / servers
    busy: float = rho ** (math.sqrt(2 * (servers + 1)) - 1)
    return _variability(arrival_cv2, service_cv2) * busy / (servers * (1 - rho)) * service_s


def _load(arrival_per_s: float, service_s: float, servers: int) -> float:
    """Offered load [erlang], of checked numbers."""
    load = offered(arrival_per_s, service_s)
    stable(load, whole("servers", servers, 1))
    return load


def _variability(arrival_cv2: float, service_cv2: float) -> float:
    return (not_negative("arrival_cv2", arrival_cv2) + not_negative("service_cv2", service_cv2)) / 2
