"""What the house promises: environments that agree, a lock without hosts, readable settings, no machine's paths."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pace_analysis.settings import authorities, load_aims, load_authority

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"ibis-sqlite": "ibis-framework", "matplotlib-base": "matplotlib", "nbconvert-core": "nbconvert", "python-duckdb": "duckdb",
               "seaborn-base": "seaborn"}
OF_THE_CARD = {"jupyterlab", "pandas", "seaborn", "papermill", "nbconvert", "lifelines", "pytest"}


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def declared() -> dict[str, SpecifierSet]:
    wanted = [*project()["dependencies"], *project()["optional-dependencies"]["test"]]
    return {requirement.name: requirement.specifier for requirement in map(Requirement, wanted)}


def conda() -> dict[str, SpecifierSet]:
    found = {}
    for line in (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r" +- ([a-z0-9][a-z0-9-]*) ?([<>=!0-9.,]*)", line)
        if match:
            found[CONDA_NAMES.get(match[1], match[1])] = SpecifierSet(match[2])
    return found


def locked() -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = {}
    for match in re.finditer(r"^([a-z0-9-]+)==([^ \\;]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(match[1], set()).add(Version(match[2]))
    return found


def test_environment_yml_and_pyproject_ask_for_the_same():
    environment = conda()
    assert environment.pop("python") == SpecifierSet(project()["requires-python"])
    assert environment.pop("pip") == SpecifierSet()
    environment.pop("conda-forge", None)
    assert environment == declared()
    assert OF_THE_CARD <= set(environment)


def test_the_lock_holds_every_package_at_an_allowed_version():
    versions = locked()
    for name, allowed in declared().items():
        assert versions[name] and all(version in allowed for version in versions[name]), name


def test_the_lock_has_a_hash_for_every_package_and_names_no_host():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|--index-url|--find-links|\.org|\.com", text)
    entries = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("slug", authorities())
def test_every_authority_can_be_loaded_and_its_aim_exists(slug):
    authority = load_authority(slug)
    assert authority.aim in load_aims()
    assert (ROOT / authority.text).is_file()


def test_the_aims_of_the_first_two_sites_are_there_with_their_sources():
    aims = load_aims()
    first = aims["renfrewshire-decision-in-six-months"]
    assert (str(first.within), first.percent, first.by.isoformat()) == ("6 months", "95%", "2015-12-31")
    assert [str(aim.within) for name, aim in aims.items() if name.startswith("aberdeen-city")] == ["12 weeks", "12 months", "18 weeks"]
    assert all(aim.source for aim in aims.values())


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout, so there is no list of committed files")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_committed_file_holds_a_path_of_one_machine():
    machine = re.compile(rb"(?<![\w.])/(?:home|Users|root|work)/[\w]")
    assert [str(path) for path in tracked() if machine.search(path.read_bytes())] == []


def test_the_changelog_starts_with_numbers_that_change():
    sections = re.findall(r"^## .*\n+### (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sections and set(sections) == {"Numbers that change"}
