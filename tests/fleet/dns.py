"""A name server for tests: knows a few names, answers in one datagram."""

import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def name_server(addresses: Mapping[str, str]) -> Iterator[str]:
    """Its address, as nginx takes it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        threading.Thread(target=serve, args=(listening, addresses), daemon=True).start()
        host, port = listening.getsockname()
        yield f"{host}:{port}"
        listening.sendto(b"", (host, port))  # the end


def serve(listening: socket.socket, addresses: Mapping[str, str]) -> None:
    while True:
        try:
            query, asker = listening.recvfrom(512)
        except OSError:
            return
        if not query:
            return
        end = query.index(b"\0", 12)
        name, kind = label_text(query[12:end]), struct.unpack("!H", query[end + 1 : end + 3])[0]
        question = query[12 : end + 5]
        found = [addresses[name]] if kind == 1 and name in addresses else []
        records = [b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4) + socket.inet_aton(address) for address in found]
        head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(records), 0, 0)
        listening.sendto(head + question + b"".join(records), asker)


def label_text(labels: bytes) -> str:
    parts = []
    while labels:
        size = labels[0]
        parts.append(labels[1 : 1 + size].decode())
        labels = labels[1 + size :]
    return ".".join(parts)
