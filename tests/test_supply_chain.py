"""What we take from others: pinned by hash, exactly what is needed, under licences that oblige nobody who runs it."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SHIPPED, ALL = "requirements.txt", "requirements-dev.txt"
# MPL-2.0 binds changed copies of its own files only, and we change none.
ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"),
        # As packages write them that know no SPDX expression.
        *("3-Clause BSD License", "Apache Software License", "BSD License", "ISC License (ISCL)", "MIT License"),
        *("Mozilla Public License 2.0 (MPL 2.0)", "Python Software Foundation License"),
    }
)


def locked(name: str) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """The pins of a requirements file, with their hashes."""
    pins: dict[str, tuple[Requirement, frozenset[str]]] = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / name).read_text().strip()):
        line, *hashes = entry.split(" \\\n    --hash=")
        requirement = Requirement(line)
        pins[canonicalize_name(requirement.name)] = (requirement, frozenset(hashes))
    return pins


def needed(wanted: Iterable[str]) -> set[str]:
    """The names of these requirements and of all that they require here."""
    found: set[str] = set()
    waiting = [(Requirement(line), "") for line in wanted]
    while waiting:
        one, extra = waiting.pop()
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(one.name)
        for asked in {"", *one.extras}:
            if f"{name}[{asked}]" not in found:
                found.add(f"{name}[{asked}]")
                waiting += [(Requirement(line), asked) for line in distribution(name).requires or ()]
    return {name.partition("[")[0] for name in found}


def here(name: str) -> dict[str, str]:
    """The versions that a requirements file pins for this machine."""
    pins = locked(name)
    return {
        package: next(iter(pin.specifier)).version
        for package, (pin, _) in pins.items()
        if not pin.marker or pin.marker.evaluate()
    }


def groups(name: str) -> list[str]:
    """The requirements of a dependency group and of those in it."""
    lines: list[str] = []
    for one in PROJECT["dependency-groups"][name]:
        lines += [one] if isinstance(one, str) else groups(one["include-group"])
    return lines


def licences(name: str) -> set[str]:
    """What a package says of its licence, in the best form that it has."""
    told = distribution(name).metadata
    if "License-Expression" in told:
        return set(re.split(r" AND | OR |[()]", told["License-Expression"])) - {""}
    classifiers = [line.split(" :: ") for line in told.get_all("Classifier", [])]
    classified = {words[-1] for words in classifiers if words[0] == "License"} - {"DFSG approved"}
    return classified or {told["License"]}


def test_every_package_is_under_a_licence_that_we_know() -> None:
    unknown = {name: licences(name) - ALLOWED for name in here(ALL)}
    assert {name: rest for name, rest in unknown.items() if rest} == {}


@pytest.mark.parametrize("name", [SHIPPED, ALL])
def test_every_package_is_pinned_to_one_version_by_hashes(name: str) -> None:
    for package, (pin, hashes) in locked(name).items():
        assert [one.operator for one in pin.specifier] == ["=="], package
        assert hashes, package
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), package


def test_the_files_are_in_step_with_the_project_and_each_other() -> None:
    assert set(here(SHIPPED)) == needed(PROJECT["project"]["dependencies"])
    assert set(here(ALL)) == needed([*PROJECT["project"]["dependencies"], *groups("dev")])
    everything = locked(ALL)
    assert {name: everything[name] for name in locked(SHIPPED)} == locked(SHIPPED)


def test_what_is_installed_is_what_is_pinned() -> None:
    pinned = here(ALL)
    assert {name: distribution(name).version for name in pinned} == pinned


def test_the_bill_of_materials_has_every_package_that_is_shipped(tmp_path: Path) -> None:
    bill = tmp_path / "sbom.json"
    (recipe,) = re.findall(r"^\t@\$\(BIN\)/(cyclonedx-py .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    line = [*recipe.replace("var/sbom.json", str(bill)).split(), "--no-validate"]  # which takes four seconds
    subprocess.run([str(Path(sys.executable).parent / line[0]), *line[1:]], cwd=ROOT, check=True, capture_output=True)
    written = json.loads(bill.read_text())
    listed = {canonicalize_name(one["name"]): one for one in written["components"]}
    assert {name: one["version"] for name, one in listed.items()} == {
        name: next(iter(pin.specifier)).version for name, (pin, _) in locked(SHIPPED).items()
    }
    assert all(one["externalReferences"][0]["hashes"] for one in listed.values())
    assert written["metadata"]["component"]["name"] == PROJECT["project"]["name"]
