"""Bytes on the wire that are no HTTP, or half of it: the workers live on, and people get their pages."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

from tests.faults.crowd import Crowd
from tests.faults.garbage import METHODS, strange, strange_path
from tests.faults.ledger import look_up
from tests.faults.places import Place
from tests.faults.results import Figure, at_least, none
from tests.faults.servers import Server

STARTS = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /en/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"POST /en/reply HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\nhalf",
    b"POST /en/reply HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
    b"POST /en/reply HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n0\r\n\r\n",
    b"POST /en/reply HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    b"GET / HTTP/1.1\r\nCookie: " + b"c" * 20000 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the beginning of https
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


def run(place: Place, seed: int, connections: int) -> Iterator[Figure]:
    """So many connections, beside people who fill in forms."""
    name = f"wire {place.kind}"
    dice = random.Random(f"{seed}/wire")
    with Server(place) as server:
        before = server.workers
        crowd = Crowd(server.port, f"{seed}/wire", desks=2)
        crowd.start()
        try:
            answered = sum(_disturb(server.port, _bytes(dice)) for _connection in range(connections))
        finally:
            crowd.finish()
        died = len(set(before) - set(server.workers))
        traces = [line for line in server.unforeseen if line.startswith("Traceback")]
        server.stop()
    with place.database() as database:
        verdict = look_up(database, place.ring, crowd.people)
    yield at_least(name, "connections answered", answered, connections // 3)
    yield none(name, "workers that died", died)
    yield none(name, "traces in the log", len(traces))
    yield none(name, "people who saw an error", crowd.seen("500") + crowd.seen("503"))
    yield from verdict.figures(name, 1)


def _bytes(dice: random.Random) -> bytes:
    kind = dice.random()
    if kind < 0.3:
        return dice.choice(STARTS)
    path = strange_path(dice).replace(b"\r", b"").replace(b"\n", b"")
    request = b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %s\r\nConnection: close\r\n\r\n" % (
        dice.choice(METHODS).encode(),
        path,
        strange(dice)[:2000],
    )
    return request[: dice.randrange(len(request))] if kind < 0.5 else request


def _disturb(port: int, sent: bytes) -> bool:
    """Send bytes, stop sending, read what comes; whether anything came."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return bool(connection.recv(65536))
        except OSError:
            return False
