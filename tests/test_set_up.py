"""One lock, and two lists that say the same; no word of the machine it was made on; a whole wheel."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from portal import set_up

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
LOCKED: dict[str, dict[str, Any]] = {package["name"]: package for package in LOCK["package"]}

Listed = dict[str, tuple[str, set[str]]]  # name: version, hashes


def locked(wanted: list[dict[str, Any]]) -> Listed:
    """These packages of the lock, and all that they need in turn."""
    found: Listed = {}
    while wanted:
        need = wanted.pop()
        package = LOCKED[need["name"]]
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        for extra in need.get("extra", []):
            wanted += package["optional-dependencies"][extra]
        if need["name"] not in found:
            wanted += package.get("dependencies", [])
        found[need["name"]] = (package["version"], {file["hash"] for file in files})
    return found


def listed(name: str) -> Listed:
    """What a list of requirements says."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if not line.lstrip().startswith("#")]
    entries = re.split(r"\n(?=\S)", "\n".join(lines))
    found: Listed = {}
    for entry in entries:
        requirement = Requirement(re.split(r"\s*\\\n", entry)[0])
        (pin,) = requirement.specifier
        found[requirement.name] = (pin.version, set(re.findall(r"--hash=(\S+)", entry)))
    return found


RUN = LOCKED["portal"]["dependencies"]
TEST = LOCKED["portal"]["dev-dependencies"]["test"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("requirements.txt", RUN), ("requirements-test.txt", RUN + TEST)],
    ids=["run", "test"],
)
def test_a_list_says_what_the_lock_says(name: str, wanted: list[dict[str, Any]]) -> None:
    assert listed(name) == locked(list(wanted)), "run `make lock`"


def test_the_lock_answers_to_pyproject() -> None:
    metadata = LOCKED["portal"]["metadata"]
    for asked, answered in [
        (PROJECT["project"]["dependencies"], metadata["requires-dist"]),
        (PROJECT["dependency-groups"]["test"], metadata["requires-dev"]["test"]),
    ]:
        wanted = {(r.name, str(r.specifier), frozenset(r.extras)) for r in map(Requirement, asked)}
        got = {(d["name"], d.get("specifier", ""), frozenset(d.get("extras", []))) for d in answered}
        assert wanted == got, "run `make lock`"


def test_everything_locked_comes_as_a_wheel() -> None:
    assert [name for name, package in LOCKED.items() if name != "portal" and not package.get("wheels")] == []


@pytest.mark.parametrize("name", ["uv.lock", "requirements.txt", "requirements-test.txt"])
def test_a_lock_names_no_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert set(re.findall(r"\w+://([^/\"\s]*)", text)) <= {"pypi.org", "files.pythonhosted.org"}
    assert re.findall(r"(?:^|[\s\"'=])/\w+|\bfile:|--(?:index|find-links|extra|trusted)\S*", text) == []


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    reasons = dict(re.findall(r'^ +"([\w-]+).*", *(# .+)?$', text, re.M))
    commented_above = set(re.findall(r'^ +# .+\n +"([\w-]+)', text, re.M))
    asked = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"]
    plain = {"pytest"}
    for name in {Requirement(r).name for r in asked} - commented_above - plain:
        assert reasons[name], name


def test_what_is_said_to_other_installers_around_us_is_not_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["PYTHONPATH", "PIP_FIND_LINKS", "PIP_TARGET", "UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV"]:
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    environment = set_up.environment()
    assert "/elsewhere" not in environment.values()
    assert environment["PIP_INDEX_URL"] == "https://mirror.example/simple"


def test_the_wheel_holds_all_that_runs_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if ".dist-info/" not in name}

    def lies(folder: str, *patterns: str) -> set[str]:
        files = (path for pattern in patterns for path in (ROOT / folder).rglob(pattern) if path.is_file())
        return {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}

    code = {
        name
        for name in lies("portal", "*.py", "py.typed", "sheet.css")
        if not name.startswith("portal/assets/")
    }
    pages = lies("portal/templates", "*") | lies("portal/static", "*")
    beside = {f"portal/{name}" for name in lies("migrations", "*") | lies("translations", "*")}
    assert packed == (code | pages | beside) - {"portal/set_up.py"}
