"""Prime factors: trial division, Pollard's rho, and primality that is proved, not just probable."""

import math
from collections import Counter

SMALL_PRIMES = tuple(n for n in range(2, 212) if all(n % d for d in range(2, math.isqrt(n) + 1)))
WITNESSES = SMALL_PRIMES[:13]  # 2 to 41
PROVED_BELOW = 3_317_044_064_679_887_385_961_981  # no composite below passes all WITNESSES (Sorenson, Webster, 2015)
STEPS_PER_GCD = 128


def factors(n: int) -> Counter[int]:
    """The prime factors of n >= 1 and how often each divides it."""
    found: Counter[int] = Counter()
    for prime in SMALL_PRIMES:
        while n % prime == 0:
            found[prime] += 1
            n //= prime
        if prime * prime > n:
            break
    parts = [n] if n > 1 else []
    while parts:
        part = parts.pop()
        if is_prime(part):
            found[part] += 1
        else:
            divisor = _divisor(part)
            parts += [divisor, part // divisor]
    return found


def is_prime(n: int) -> bool:
    """Whether n is a prime, for certain."""
    if n < 2:
        return False
    for prime in SMALL_PRIMES:
        if n % prime == 0:
            return n == prime
    if n < SMALL_PRIMES[-1] ** 2:
        return True
    return all(_passes(n, witness) for witness in WITNESSES) and (n < PROVED_BELOW or _is_proved(n))


def _passes(n: int, witness: int) -> bool:
    """The strong test of Miller and Rabin: primes always pass; a composite passes for few witnesses."""
    twos = (n - 1 & 1 - n).bit_length() - 1
    power = pow(witness, n - 1 >> twos, n)
    if power in (1, n - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % n
        if power == n - 1:
            return True
    return False


def _is_proved(n: int) -> bool:
    """Lucas (1891): n is prime if, for every prime q of n - 1, some a has a^(n-1) = 1 but a^((n-1)/q) != 1 modulo n."""
    for q in factors(n - 1):
        a = 2
        while pow(a, n - 1, n) == 1 and pow(a, (n - 1) // q, n) == 1:
            a += 1
        if pow(a, n - 1, n) != 1:
            return False
    return True


def _divisor(n: int) -> int:
    """A divisor of the composite n, neither 1 nor n: Pollard's rho as R. P. Brent runs it (BIT 20, 1980)."""
    root = math.isqrt(n)
    if root * root == n:
        return root
    for increment in range(1, n):
        divisor = _rho(n, increment)
        if divisor != n:
            return divisor
    raise ValueError(f"{n} has no divisor: it is a prime")


def _rho(n: int, increment: int) -> int:
    """A divisor of n above 1 from the cycle of x -> x^2 + increment; n itself if this cycle gives none."""
    y, product, divisor, lap = 2, 1, 1, 1
    x = start = y
    while divisor == 1:
        x = y
        for _ in range(lap):
            y = (y * y + increment) % n
        done = 0
        while done < lap and divisor == 1:
            start = y
            for _ in range(min(STEPS_PER_GCD, lap - done)):
                y = (y * y + increment) % n
                product = product * (x - y) % n
            divisor = math.gcd(product, n)  # one for many steps: a gcd costs as much as dozens of them
            done += STEPS_PER_GCD
        lap *= 2
    if divisor < n:
        return divisor
    divisor, y = 1, start  # several factors met within the last steps: walk them one by one
    while divisor == 1:
        y = (y * y + increment) % n
        divisor = math.gcd(x - y, n)
    return divisor
