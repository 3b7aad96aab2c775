"""Odoo 19: from ODOO_SOURCE, else Debian's package unpacked into the cache."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .console import DevError, step
from .debian import PrivateApt
from .layout import SETUP_BYTES, digest

STAMP = "complete.json"
# Debian's sid is the suite that has Odoo 19. Two fonts are taken from a stable suite:
# sid's Font Awesome is a later major version that leaves Odoo's icons blank, and
# sid's Inconsolata has no .otf file, which the package links to.
DEBIAN_PACKAGES = {
    "sid": [
        "odoo-19",
        "libjs-jquery",
        "libjs-jquery-form",
        "libjs-underscore",
        "fonts-roboto-unhinted",
        "fonts-montserrat",
        "fonts-ocr-b",
    ],
    "bookworm": ["fonts-inconsolata", "fonts-font-awesome"],
}
PYTHON_PATH = "usr/lib/python3/dist-packages"
# `addons` beside `odoo` is a partial duplicate without static files.
SUPERFLUOUS = ("addons", "doc", "setup")
# Named by an assets bundle, but stripped by Debian: without it the bundle is an error.
STRIPPED_FILES = ("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js",)


@dataclass(frozen=True)
class OdooSource:
    """An Odoo 19 that can be imported from `python_path`."""

    python_path: Path
    version: str
    addons_path: list = field(default_factory=list)

    @property
    def core_addons(self):
        """The folder with crm, sale and the others."""
        return self.addons_path[0] if self.addons_path else self.python_path / "odoo" / "addons"


def obtain(layout, environ=os.environ):
    """Return the Odoo to use, fetching it if needed."""
    if environ.get("ODOO_SOURCE"):
        return from_folder(Path(environ["ODOO_SOURCE"]).expanduser().resolve())
    return from_debian(layout)


def from_folder(folder):
    """Use an Odoo that is there: a checkout or an unpacked package."""
    for path in (folder, folder / PYTHON_PATH):
        if (path / "odoo" / "release.py").is_file():
            break
    else:
        raise DevError(f"ODOO_SOURCE={folder} holds no Odoo (no odoo/release.py in it).")
    release = read_release(path)
    if release != "19.0":
        raise DevError(f"ODOO_SOURCE={folder} holds Odoo {release}, these addons are for 19.0.")
    # A checkout has them in `addons`. An unpacked package has them in `odoo/addons`, and may have a
    # partial duplicate in `addons`, which is not to be used.
    is_package = (path / "odoo" / "addons" / "crm" / "__manifest__.py").is_file()
    checkout_addons = path / "addons"
    if not is_package and not (checkout_addons / "crm" / "__manifest__.py").is_file():
        raise DevError(f"ODOO_SOURCE={folder} holds Odoo without its addons (no crm in it).")
    return OdooSource(
        python_path=path,
        version=f"{release}-{fingerprint(path)}",
        addons_path=[] if is_package else [checkout_addons],
    )


def read_release(path):
    text = (path / "odoo" / "release.py").read_text()
    found = re.search(r"^version_info\s*=\s*\(\s*(\d+)\s*,\s*(\d+)", text, re.M)
    return ".".join(found.groups()) if found else "unknown"


def fingerprint(path):
    """Tell two states of a checkout apart: its commit, else the age of its files."""
    try:
        commit = subprocess.run(["git", "-C", path, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    except OSError:
        commit = None
    if commit and commit.returncode == 0:
        return commit.stdout.strip()[:10]
    return digest(path, (path / "odoo" / "release.py").stat().st_mtime)


def is_complete(root):
    return (root / STAMP).is_file()


def from_debian(layout):
    """Unpack Debian's package once; a half-unpacked one is thrown away."""
    root = layout.cache / "odoo"
    if not is_complete(root):
        build(layout, root)
    facts = json.loads((root / STAMP).read_text())
    return OdooSource(python_path=root / PYTHON_PATH, version=facts["version"])


def build(layout, root, fetch=None):
    """Make the folder beside its place and move it there when it is whole."""
    layout.require_space(SETUP_BYTES, "setting up Odoo")
    draft = root.with_name(root.name + ".incomplete")
    for leftover in (root, draft):
        shutil.rmtree(leftover, ignore_errors=True)
    draft.mkdir(parents=True)
    with step("Odoo 19 from Debian") as current:
        versions = (fetch or fetch_debian)(layout, draft, current)
    python_path = draft / PYTHON_PATH
    for name in SUPERFLUOUS:
        shutil.rmtree(python_path / name, ignore_errors=True)
    for name in STRIPPED_FILES:
        (python_path / name).parent.mkdir(parents=True, exist_ok=True)
        (python_path / name).touch()
    refuse_broken_links(draft)
    (draft / STAMP).write_text(json.dumps({"version": versions["odoo-19"], "packages": versions}))
    draft.rename(root)


def fetch_debian(layout, target, current):
    apt = PrivateApt(layout.cache / "apt", list(DEBIAN_PACKAGES), layout.logs)
    current.note = "package lists"
    apt.update(current)
    return apt.unpack(DEBIAN_PACKAGES, target, current)


def refuse_broken_links(folder):
    """The package links to fonts and scripts of others: all must be there."""
    broken = [
        os.path.join(parent, name)
        for parent, folders, files in os.walk(folder)
        for name in folders + files
        if os.path.islink(os.path.join(parent, name)) and not os.path.exists(os.path.join(parent, name))
    ]
    if broken:
        raise DevError(
            f"Debian's Odoo package links to {len(broken)} files that are not there "
            f"(the first is {broken[0]}): set ODOO_SOURCE to another Odoo 19."
        )
