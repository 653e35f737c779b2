"""Makes .venv, the folder of packages that everything here runs in. `make` calls it before its targets.

    python3 portal/set_up.py run     what the portal needs
    python3 portal/set_up.py test    that, and what its tests need
    python3 portal/set_up.py lock    resolve the packages anew: uv.lock, and the two lists exported from it

Only wheels whose hash is in uv.lock are installed, so that nothing unknown runs here; the portal itself runs
as it lies. Standard library only, and in words that Python 3.6 can read, so that an old one can say what is
needed (hence the types in quotes).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "set-up")  # what .venv was made from; written last

LISTS = {"run": "requirements.txt", "test": "requirements-test.txt"}
GROUPS = {"run": [], "test": ["--group", "test"]}
TITLES = {"run": "What the portal needs", "test": "What the portal and its tests need"}
HEADER = """\
# {}, with the hash of every file that may be installed.
# Made by `make lock` from uv.lock: {}
# Change pyproject.toml, not this: tests/test_set_up.py fails when this and uv.lock disagree.
"""

PYTHONS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"]
NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"
WITH_VENV = "import ensurepip, venv; ensurepip.version()"
NO_PYTHON = """
The portal needs Python 3.11 or later, and there is none here.
On Debian 12, Ubuntu 24.04 or later: apt install python3 python3-venv"""
NO_VENV = """
Python is new enough here, but its part that makes folders of packages is missing.
On Debian or Ubuntu: apt install {}-venv"""
STOPPED = """
Set-up stopped at the error above. It is safe to run the same command again."""

# Of what is said to pip, uv and Python around us, only how to reach the registry is heeded. The rest (other
# sources, another folder, an active environment) could put something else into .venv, or nothing.
SILENCED = ("CONDA_", "PIP_", "PYTHON", "UV_", "VIRTUAL_ENV")
HEEDED = {
    "PIP": "CACHE_DIR CERT CLIENT_CERT DEFAULT_TIMEOUT INDEX_URL PROXY TRUSTED_HOST",
    "UV": "CACHE_DIR HTTP_TIMEOUT LINK_MODE NATIVE_TLS OFFLINE SYSTEM_CERTS",
}

# The command `portal`. It starts in any folder, one with a space in its name too: the shell takes the second
# line as "exec the Python beside me", and Python takes it as a string.
COMMAND = """#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"
'''
import sys

from portal.cli import main

sys.exit(main())
"""


def environment() -> "dict[str, str]":
    """Ours, silenced; and uv trusts whom this machine trusts, which behind a company's proxy it must."""
    heeded = {f"{tool}_{name}" for tool, names in HEEDED.items() for name in names.split()}
    ours = {k: v for k, v in os.environ.items() if k in heeded or not k.startswith(SILENCED)}
    return {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", **ours}


def run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, env=environment(), check=True)


def can(python: str, do: str) -> bool:
    """Whether this command is a Python that can do this."""
    quiet = subprocess.DEVNULL
    try:
        return subprocess.call([python, "-c", do], env=environment(), stdout=quiet, stderr=quiet) == 0
    except OSError:
        return False


def find_python(with_venv: bool) -> str:
    """The first that is new enough and, where asked, can make a .venv. If none: ends, saying what to do."""
    new_enough = [python for python in PYTHONS if can(python, NEW_ENOUGH)]
    if not new_enough:
        sys.exit(NO_PYTHON)
    for python in new_enough:
        if not with_venv or can(python, WITH_VENV):
            return python
    sys.exit(NO_VENV.format(new_enough[0]))


def made_from() -> "list[str]":
    """What .venv must have been made from: these packages, in this folder, for the Python that it starts."""
    digest = hashlib.sha256()
    # Not pyproject.toml: what it asks for is in uv.lock, as a test holds, and the rest is settings of tools
    for name in ["uv.lock", *LISTS.values(), os.path.join("portal", "set_up.py")]:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return [digest.hexdigest(), ROOT, os.path.realpath(VENV_PYTHON)]


def has() -> str:
    """What .venv has, `run` or `test`; nothing when it must be made (anew)."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            *source, what = file.read().split("\n")
    except OSError:
        return ""
    return what if source == made_from() and os.path.exists(VENV_PYTHON) else ""


def install(wanted: str) -> None:
    """Makes .venv have what is wanted; costs nothing when it has."""
    had = has()
    if had in (wanted, "test"):
        return
    uv = shutil.which("uv")
    python = find_python(with_venv=not uv)
    print(
        "Setting up .venv with", "uv" if uv else "pip; the first time this takes a minute or two", flush=True
    )
    if had:
        os.remove(STAMP)
    else:
        shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        options = ["--locked", "--no-build", "--no-install-project", "--compile-bytecode", "--python", python]
        run(uv, "sync", "--quiet", *options, *GROUPS[wanted])
    else:
        if not had:
            run(python, "-m", "venv", VENV)
        options = ["--require-hashes", "--only-binary=:all:", "--no-deps", "--disable-pip-version-check"]
        run(VENV_PYTHON, "-m", "pip", "install", "--quiet", *options, "-r", LISTS[wanted])
    join()
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write("\n".join([*made_from(), wanted]))


def join() -> None:
    """Lets .venv import the portal from this folder, and gives it the command."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.check_output([VENV_PYTHON, "-c", where], env=environment()).decode().strip()
    with open(os.path.join(packages, "portal.pth"), "w", encoding="utf-8") as file:
        file.write(ROOT + "\n")
    command = os.path.join(VENV, "bin", "portal")
    with open(command, "w", encoding="utf-8") as file:
        file.write(COMMAND)
    os.chmod(command, 0o755)


def lock(arguments: "list[str]") -> None:
    """Brings uv.lock in line with pyproject.toml, and exports it. Takes what `uv lock` takes (--upgrade)."""
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv")
        if not uv:
            run(find_python(with_venv=True), "-m", "venv", folder)
            run(os.path.join(folder, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "uv")
            uv = os.path.join(folder, "bin", "uv")
        run(uv, "lock", "--default-index", "https://pypi.org/simple", *arguments)
        for wanted, name in LISTS.items():
            export = [
                "export",
                "--frozen",
                "--no-emit-project",
                "--format",
                "requirements-txt",
                *GROUPS[wanted],
            ]
            exported = os.path.join(folder, name)
            run(uv, *export, "--quiet", "--no-header", "--output-file", exported)
            with open(exported, encoding="utf-8") as made:
                text = HEADER.format(TITLES[wanted], " ".join(["uv", *export])) + made.read()
            with open(os.path.join(ROOT, name), "w", encoding="utf-8") as file:
                file.write(text)


def main(arguments: "list[str]") -> None:
    fcntl.flock(os.open(ROOT, os.O_RDONLY), fcntl.LOCK_EX)  # two makes at once take turns
    try:
        if arguments[0] == "lock":
            lock(arguments[1:])
        else:
            install(arguments[0])
    except subprocess.CalledProcessError:
        sys.exit(STOPPED)


if __name__ == "__main__":
    main(sys.argv[1:])
