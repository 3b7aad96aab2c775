"""The checks of `./dev lint`. Each module finds `Problem`s; none of them needs Odoo.

renames    names that Odoo 19 no longer knows
manifests  manifests that are complete, XML that is well-formed and listed
hygiene    paths of this machine, hosts of its registries, keys
tools      ruff and pylint-odoo
(translations are checked inside the environment: devtools/translations.py)
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """Something to correct, with its place."""

    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def files(repo, name, *endings):
    """The source files of an addon with these endings, sorted."""
    for path in sorted((Path(repo) / name).rglob("*")):
        if path.suffix in endings and path.is_file() and "__pycache__" not in path.parts:
            yield path


def relative(repo, path):
    return Path(path).relative_to(repo).as_posix()
