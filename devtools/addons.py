"""What can be known of our addons without Odoo: manifests, contents, models."""

import ast
from pathlib import Path

from .console import DevError
from .layout import ADDONS, REPO, digest

# Changing these does not change what a database contains.
WITHOUT_EFFECT = ("tests", "readme", "i18n", "__pycache__", "description")
TRANSLATED = ("i18n",)


def present(repo=REPO, names=ADDONS):
    """The addons that are in the tree, in the order of their dependencies."""
    return [name for name in names if (Path(repo) / name / "__manifest__.py").is_file()]


def manifest(name, repo=REPO):
    path = Path(repo) / name / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text())
    except (OSError, SyntaxError, ValueError) as error:
        raise DevError(f"The manifest {path} cannot be read: {error}.") from error


def foreign_dependencies(name, repo=REPO):
    """What the addon needs and is not one of ours, sorted."""
    return sorted(set(manifest(name, repo).get("depends", [])) - set(ADDONS))


def content_hash(name, repo=REPO, ignored=WITHOUT_EFFECT):
    """Hash of the files that decide what the installed addon looks like."""
    folder = Path(repo) / name
    parts = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not set(relative.parts) & set(ignored):
            parts += [relative.as_posix(), path.read_bytes()]
    return digest(*parts)


def model_names(repo=REPO, names=ADDONS):
    """The models that our addons define (`_name = "..."`), not those they extend."""
    found = set()
    for name in present(repo, names):
        for path in (Path(repo) / name).rglob("*.py"):
            if "tests" not in path.parts:
                found |= _models_in(path)
    return found


def _models_in(path):
    try:
        tree = ast.parse(path.read_text())
    except (SyntaxError, ValueError, OSError):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            values = _class_strings(node)
            if "_name" in values and values["_name"] != values.get("_inherit"):
                found.add(values["_name"])
    return found


def _class_strings(node):
    """The attributes of a class that are plain strings."""
    return {
        target.id: statement.value.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
