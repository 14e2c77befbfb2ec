"""Tries at passwords and codes: counted for an account and for a network, on all nodes together."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from math import ceil

from flask import request

from app.current import database
from app.devices import known_device, named_by
from app.words import duration
from dynometer.errors import DynometerError, InvalidInput
from store import guesses, sign_ins
from store.guesses import Patience

ACCOUNT = Patience(free=5, longest_s=900)
NETWORK = Patience(free=30, longest_s=300)  # a whole office may sit behind one address
PREFIX = {4: 24, 6: 64}  # what one customer of a provider easily has


class HaveToWait(DynometerError):
    """There were too many wrong tries, for this account or from your network."""

    def __init__(self, wait_s: float) -> None:
        self.retry_after_s = max(1, ceil(wait_s))
        super().__init__(hint=f"Try again in {duration(self.retry_after_s)}. Nothing is locked: then it works again.")


@contextmanager
def one_try(subject: str, email: str = "") -> Iterator[None]:
    """A try at the secret of `subject`: a wrong one when the block raises InvalidInput, a right one when it ends.

    Without a subject only the network counts.  Raises HaveToWait in place of running the block.  What breaks it
    otherwise was no try.  A browser that has signed in with this address before has counts of its own, in place of the
    network's and everybody's.
    """
    device = known_device(email)
    network = device or own_network()
    subject = f"{subject}@{device}" if device and subject else subject
    _take_turns(subject, network)
    try:
        yield
    except InvalidInput:
        raise
    except BaseException:
        _give_back(subject, network)
        raise
    with database().writing() as writing:
        if network:  # first, as in _take_turns
            guesses.give_back(writing, network)
        if subject:
            guesses.forget(writing, subject)


def _take_turns(subject: str, network: str) -> None:
    """A try that has to wait for the account counts for the network all the same: else who polls has each turn."""
    with database().writing() as writing:
        counts = ((network, NETWORK), (subject, ACCOUNT))  # always in this order, so that none deadlock
        waits_for = next((name for name, most in counts if name and not guesses.take_turn(writing, name, most)), None)
        wait_s = guesses.seconds_to_wait(writing, waits_for) if waits_for else 0.0
    if waits_for:  # only now: what was counted is committed
        raise HaveToWait(wait_s)


def count_wrong_answer() -> None:
    """Of a kind that nobody guesses, so it is judged first: a right one never waits.  Raises HaveToWait."""
    _take_turns("", own_network())


def _give_back(subject: str, network: str) -> None:
    with database().writing() as writing:
        for name in filter(None, (network, subject)):
            guesses.give_back(writing, name)


def account_named(email: str) -> str:
    """The subject for a password typed beside this address, whether it has an account or not.

    From networks where its owner signed in of late there is a count apart: a stranger's guesses elsewhere do not keep
    the owner out.
    """
    named = f"account:{named_by(email)}"
    network = own_network()
    with database().reading() as reading:
        known = {network_of(address) for address in sign_ins.addresses_of(reading, email.strip())}
    return f"{named}@{network}" if network and network in known else named


def own_network() -> str:
    """Whose neighbourhood asks."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """network:<prefix>, or "" for no address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    host = mapped or parsed
    return f"network:{ip_network((host, PREFIX[host.version]), strict=False)}"
