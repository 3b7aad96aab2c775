"""Manifests that are complete, and data files that are there, well-formed and listed."""

import re
from pathlib import Path
from xml.parsers import expat

from .. import addons
from ..console import DevError
from . import Problem, files, relative

REQUIRED = ("name", "version", "author", "license", "depends")
VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")
# XML below these folders is loaded by other means (assets, tests) or is no data.
NOT_DATA = ("static", "tests", "i18n", "readme", "migrations")
# Import name: distribution, where the two differ. The second is what a manifest has.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "dateutil": "python-dateutil"}


def check(repo, names):
    for name in names:
        yield from check_manifest(repo, name)
        for path in files(repo, name, ".xml", ".svg"):
            yield from check_well_formed(repo, path)


def check_manifest(repo, name):
    path = f"{name}/__manifest__.py"
    try:
        manifest = addons.manifest(name, repo)
    except DevError as error:
        yield Problem(path, 1, str(error))
        return
    for key in REQUIRED:
        if not manifest.get(key):
            yield Problem(path, 1, f"the manifest has no {key}")
    if not VERSION.fullmatch(manifest.get("version", "")):
        yield Problem(path, 1, f"the version {manifest.get('version')!r} is not like 19.0.1.0.0")
    if manifest.get("license", "AGPL-3") != "AGPL-3":
        yield Problem(path, 1, f"the license is {manifest['license']}, not AGPL-3")
    if manifest.get("auto_install"):
        yield Problem(path, 1, "auto_install must be off")
    yield from check_listed(repo, name, path, manifest)
    yield from check_external(repo, name, path, manifest)


def check_listed(repo, name, path, manifest):
    """Every file that is listed is there, and every data file that is there is listed."""
    listed = [entry for key in ("data", "demo") for entry in manifest.get(key, [])]
    for entry in sorted({entry for entry in listed if listed.count(entry) > 1}):
        yield Problem(path, 1, f"{entry} is listed twice")
    for entry in listed:
        if not (Path(repo) / name / entry).is_file():
            yield Problem(path, 1, f"{entry} is listed and is not there")
    embedded = [entry for path in listed for entry in embedded_files(Path(repo) / name / path, name)]
    for found in files(repo, name, ".xml", ".csv"):
        entry = found.relative_to(Path(repo) / name)
        if entry.parts[0] not in NOT_DATA and entry.as_posix() not in [*listed, *embedded]:
            yield Problem(relative(repo, found), 1, "the file is not listed in the manifest")


def embedded_files(path, name):
    """The files of the addon that a data file takes in with `<field file="addon/...">`."""
    text = path.read_text() if path.suffix == ".xml" and path.is_file() else ""
    return re.findall(rf'\bfile="{re.escape(name)}/([^"]+)"', text)


def check_external(repo, name, path, manifest):
    """A listed external dependency is pinned in requirements.txt."""
    requirements = Path(repo) / "requirements.txt"
    lines = requirements.read_text().splitlines() if requirements.is_file() else []
    pinned = {
        re.split(r"[=<>;\[ ]", line)[0].lower().replace("_", "-") for line in lines if line and not line.startswith("#")
    }
    for wanted in manifest.get("external_dependencies", {}).get("python", []):
        plain = DISTRIBUTIONS.get(wanted, wanted).lower().replace("_", "-")
        if plain not in pinned:
            yield Problem(path, 1, f"the external dependency {wanted} is not in requirements.txt")


def check_well_formed(repo, path):
    parser = expat.ParserCreate()
    try:
        parser.Parse(path.read_bytes(), True)
    except expat.ExpatError as error:
        message = expat.errors.messages[error.code]
        yield Problem(relative(repo, path), error.lineno, f"not well-formed XML: {message}")
