"""The rules of the repository that no linter knows: what the files must say about each other.

Read from the files, so they need neither a database nor an installed addon; only the test about Odoo's
test loader imports the addons.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from devtools.addons import manifest
from devtools.layout import ADDONS, REPO

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RECORD_CLASSES = {"Model", "TransientModel"}


def addon_files(addon, pattern, *without):
    """Return the files of an addon, except those below the folders ``without``."""
    root = REPO / addon
    return [
        path
        for path in sorted(root.rglob(pattern))
        if "__pycache__" not in path.parts and not set(path.relative_to(root).parts) & set(without)
    ]


def parse(path):
    return ast.parse(path.read_text(), filename=str(path))


def class_constants(node):
    """Return the attributes of a class that are constants, by name."""
    return {
        target.id: statement.value.value
        for statement in node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def inherited_models(node):
    """Return the models in ``_inherit``, whether it is a string or a list."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "_inherit" for target in statement.targets
        ):
            return {constant.value for constant in ast.walk(statement.value) if isinstance(constant, ast.Constant)}
    return set()


def record_classes(addon):
    """Yield the classes that define a stored or transient model of our own."""
    for path in addon_files(addon, "*.py", "tests"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.ClassDef):
                bases = {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
                name = class_constants(node).get("_name")
                if name and bases & RECORD_CLASSES and name not in inherited_models(node):
                    yield name, node


def own_models(addon):
    return sorted({name for name, _node in record_classes(addon)})


def one2many_fields(addon):
    """Return ``{comodel: names of the One2many fields that lead to it}`` of our own models."""
    found = {}
    for _name, node in record_classes(addon):
        for statement in node.body:
            if (
                isinstance(statement, ast.Assign)
                and isinstance(statement.value, ast.Call)
                and getattr(statement.value.func, "attr", "") == "One2many"
            ):
                call = statement.value
                values = [*call.args[:1], *(key.value for key in call.keywords if key.arg == "comodel_name")]
                for comodel in (value.value for value in values if isinstance(value, ast.Constant)):
                    found.setdefault(comodel, set()).update(target.id for target in statement.targets)
    return found


def text_of(paths):
    return "\n".join(path.read_text() for path in paths)


MODELS = [(addon, model) for addon in ADDONS for model in own_models(addon)]


@pytest.fixture(params=ADDONS)
def addon(request):
    return request.param


def test_the_reader_of_models_finds_some():
    """Else the tests below would pass on nothing."""
    assert ("crm_extended", "crm.roadmap.feature") in MODELS
    assert ("crm_extended", "crm.lead") not in MODELS


def test_manifest_metadata(addon):
    """One licence and one version line for all, and nothing that installs itself."""
    found = manifest(addon)
    assert found["license"] == "AGPL-3"
    assert re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", found["version"])
    assert not found.get("auto_install", False)
    assert found.get("installable", True)


def test_dependencies_point_one_way(addon):
    """bridge -> analytics -> crm_extended: an addon neither depends on a later one nor names it."""
    later = ADDONS[ADDONS.index(addon) + 1 :]
    assert not set(manifest(addon)["depends"]) & set(later)
    for path in [*addon_files(addon, "*.py"), *addon_files(addon, "*.xml"), *addon_files(addon, "*.csv")]:
        named = [name for name in later if re.search(rf"\b{name}\b", path.read_text())]
        assert not named, f"{path.relative_to(REPO)} names {named}"


def test_scoring_is_pure(addon):
    """No import of Odoo or of the database driver in a `scoring` folder, however it is written."""
    for path in addon_files(addon, "*.py"):
        if "scoring" not in path.relative_to(REPO / addon).parts[:1]:
            continue
        for node in ast.walk(parse(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            roots = {name.partition(".")[0] for name in names}
            assert not roots & {"odoo", "psycopg2"}, f"{path.relative_to(REPO)}:{node.lineno}"


@pytest.mark.parametrize(("addon", "model"), MODELS)
def test_model_has_an_access_line(addon, model):
    access = (REPO / addon / "security/ir.model.access.csv").read_text()
    assert f",model_{model.replace('.', '_')}," in access


@pytest.mark.parametrize(("addon", "model"), MODELS)
def test_model_has_a_view(addon, model):
    """A view of its own, or a list inside the form of another model."""
    xml = text_of(addon_files(addon, "*.xml", "data", "demo", "security", "static"))
    own_view = f'<field name="model">{model}</field>' in xml
    inside = any(f'name="{field}"' in xml for field in one2many_fields(addon).get(model, ()))
    assert own_view or inside


@pytest.mark.parametrize(("addon", "model"), MODELS)
def test_model_is_named_in_a_test(addon, model):
    """By its name, or by the field of another model that leads to it."""
    tests = text_of([*addon_files(addon, "test_*.py"), *addon_files(addon, "common.py"), *REPO.glob("tests/*.py")])
    named = f'"{model}"' in tests
    reached = any(re.search(rf"\b{field}\b", tests) for field in one2many_fields(addon).get(model, ()))
    assert named or reached


def test_odoo_runs_every_test_that_is_written(addon):
    """Odoo looks into modules that the package `tests` has by name: a folder not star-imported is not run."""
    loader = pytest.importorskip("odoo.tests.loader")
    seen = {
        (Path(module.__file__).resolve(), type(case).__name__, case._testMethodName)
        for module in loader.get_test_modules(addon)
        for case in loader.get_module_test_cases(module)
    }
    written = {
        (path.resolve(), node.name, method.name)
        for path in addon_files(addon, "*.py")
        if "tests" in path.relative_to(REPO / addon).parts[:1]
        for node in parse(path).body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name.startswith("test")
    }
    missing = sorted(f"{path.relative_to(REPO)} {cls}.{method}" for path, cls, method in written - seen)
    assert written
    assert not missing


def tracked_files():
    listing = subprocess.run(["git", "-C", str(REPO), "ls-files", "-z"], capture_output=True, text=True, check=False)
    names = [name for name in listing.stdout.split("\0") if name]
    return [REPO / name for name in names if (REPO / name).is_file()]


# Written in two parts, so that this file does not find itself
FORBIDDEN = (
    r"(?<![\w./-])/(?:wo" + r"rk|ho" + r"me|ro" + r"ot|Us" + r"ers)/[\w.]",
    "pypi" + r"\.org",
    "files" + r"\.pythonhosted\.org",
    "registry" + r"\.npmjs\.org",
    r"deb(?:ian)?" + r"\.debian\.org",
    r"\bpackages" + r"\.debian\.org",
)


def test_no_tracked_file_names_a_machine_or_a_registry():
    """Paths of somebody's machine and hosts of package registries are nobody else's."""
    forbidden = re.compile("|".join(FORBIDDEN))
    found = []
    for path in tracked_files():
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(REPO)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(lines, start=1)
            if forbidden.search(line)
        ]
    assert not found
