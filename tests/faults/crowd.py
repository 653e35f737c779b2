"""Many people at once, each at a browser of their own, one after the other at each of some desks."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from tests.faults.browser import Browser
from tests.faults.people import Person, answer_all, send, somebody

DESKS = 8
SHORT = 0.85
"""Share of people who take the shortest way, so that many are acknowledged soon."""


class Crowd:
    """People who keep coming until finish()."""

    def __init__(
        self,
        port: int,
        seed: int | str,
        desks: int = DESKS,
        short: float = SHORT,
        invent: Callable[[random.Random, float], Person] = somebody,
    ) -> None:
        self.people: list[Person] = []
        self.presses = 0
        """How often somebody began to send."""
        self.browsers: list[Browser] = []
        self.failures: list[str] = []
        self._port = port
        self._short = short
        self._invent = invent
        self._closing = threading.Event()
        self._desks = [
            threading.Thread(target=self._desk, args=(random.Random(f"{seed}/{number}"),))
            for number in range(desks)
        ]

    def start(self) -> None:
        for desk in self._desks:
            desk.start()

    @property
    def acknowledged(self) -> int:
        """How many have seen their receipt."""
        return sum(1 for person in tuple(self.people) if person.code)

    @property
    def sending(self) -> int:
        """How many have pressed Send and have not seen a receipt yet."""
        return sum(1 for person in tuple(self.people) if person.sending)

    def seen(self, trouble: str) -> int:
        """How often somebody saw this kind of trouble."""
        return sum(browser.troubles[trouble] for browser in tuple(self.browsers))

    def finish(self) -> None:
        """Nobody new comes; those who are under way finish."""
        self._closing.set()
        for desk in self._desks:
            desk.join(180)
        assert not any(desk.is_alive() for desk in self._desks), "somebody is still waiting"
        assert not self.failures, self.failures[:5]

    def _desk(self, dice: random.Random) -> None:
        while not self._closing.is_set():
            person, browser = self._invent(dice, self._short), Browser(self._port)
            self.people.append(person)
            self.browsers.append(browser)
            try:
                page = answer_all(person, browser)
                self.presses += 1
                send(person, browser, page)
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                return
            finally:
                browser.close()
