"""The virtual environment with the pinned requirements."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from .console import DevError, run_logged, step
from .debian import PrivateApt
from .layout import REPO, SETUP_BYTES, digest

STAMP = "complete"
RUNTIME_REQUIREMENTS = "requirements.txt"
REQUIREMENTS = (RUNTIME_REQUIREMENTS, "requirements-dev.txt")
# `pip --python` came with this version.
OLDEST_PIP = (22, 3)
# Distributions that others require by name and that must not be built here:
# psycopg2 would need a compiler (psycopg2-binary is the same module), and Odoo is not
# on the package index. Each is a wheel of nothing but metadata: (name, version, requires).
METADATA_WHEELS = (("psycopg2", "2.9.10", "psycopg2-binary==2.9.10"), ("odoo", "19.0", None))
ODOO_SCRIPT = """\
#!{python}
import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
"""


class PythonEnv:
    """A virtual environment that sees Odoo."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.bin = self.folder / "bin"
        self.python = self.bin / "python"
        self.odoo = self.bin / "odoo"
        self.pytest = self.bin / "pytest"

    @property
    def site_packages(self):
        return next(self.folder.glob("lib/python3*/site-packages"))

    @property
    def extra_addons(self):
        """The folder of the addons that pip installed."""
        return self.site_packages / "odoo" / "addons"

    @property
    def is_complete(self):
        return (self.folder / STAMP).is_file()

    def environ(self, **more):
        """The environment for a program of this environment.

        What the caller's shell says about Python's paths is about another Python.
        """
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        kept["PATH"] = f"{self.bin}{os.pathsep}{kept.get('PATH', '')}"
        kept["PYTHONNOUSERSITE"] = "1"
        kept["PYTHONUNBUFFERED"] = "1"
        kept["VIRTUAL_ENV"] = str(self.folder)
        kept.update({key: str(value) for key, value in more.items()})
        return kept


def requirements_key(repo=REPO):
    """Hash of all that decides what gets installed."""
    files = [(Path(repo) / name).read_bytes() for name in REQUIREMENTS]
    return digest(*files, METADATA_WHEELS, sys.version_info[:2])


def runtime_key(repo=REPO):
    """Hash of what decides the content of a database: no tool of the development does."""
    return digest((Path(repo) / RUNTIME_REQUIREMENTS).read_bytes())


def obtain(layout, odoo):
    """Return the environment for this Odoo, making it if needed."""
    key = digest(requirements_key(layout.repo), odoo.python_path)
    env = PythonEnv(layout.cache / "venv" / key)
    if not env.is_complete:
        build(layout, odoo, env)
    return env


def build(layout, odoo, env):
    """Make the environment in its place, since its scripts hold its path.

    The stamp is written last: a folder without it is thrown away and made again.
    """
    layout.require_space(SETUP_BYTES // 2, "installing the Python requirements")
    shutil.rmtree(env.folder, ignore_errors=True)
    env.folder.parent.mkdir(parents=True, exist_ok=True)
    with step("Python requirements") as current:
        pip = make_venv(layout, env, current)
        wheels = [metadata_wheel(env.folder / "wheels", *facts) for facts in METADATA_WHEELS]
        requirements = [word for name in REQUIREMENTS for word in ("-r", layout.repo / name)]
        run_logged(
            [*pip, "install", "--no-input", "--progress-bar", "off", *wheels, *requirements],
            layout.logs / "pip.log",
            failure="pip could not install the requirements",
            note=r"^(?:Collecting|Installing) (.+)",
            current=current,
            env=env.environ(),
        )
        (env.site_packages / "odoo19.pth").write_text(f"{odoo.python_path}\n")
        env.odoo.write_text(ODOO_SCRIPT.format(python=env.python))
        env.odoo.chmod(0o755)
    (env.folder / STAMP).touch()


def make_venv(layout, env, current):
    """Create the environment and return the command that is its pip.

    Debian splits ensurepip off its Python. Where it is missing, the pip of the
    machine serves, and where there is none, the wheel of Debian's package does.
    """
    has_ensurepip = succeeds([sys.executable, "-c", "import ensurepip"])
    options = [] if has_ensurepip else ["--without-pip"]
    run_logged(
        [sys.executable, "-m", "venv", *options, env.folder],
        layout.logs / "venv.log",
        failure="Python could not make a virtual environment",
    )
    if has_ensurepip:
        return [env.python, "-m", "pip"]
    if machine_pip_version() >= OLDEST_PIP:
        return [sys.executable, "-m", "pip", "--python", env.python]
    current.note = "pip from Debian"
    return [env.python, debian_pip_wheel(layout, current) / "pip"]


def succeeds(command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def machine_pip_version():
    """Version of this interpreter's own pip, () when it has none."""
    found = subprocess.run(
        [sys.executable, "-c", "import pip; print(pip.__version__)"], capture_output=True, text=True, check=False
    )
    numbers = found.stdout.strip().split(".")[:2]
    return tuple(int(number) for number in numbers if number.isdigit())


def debian_pip_wheel(layout, current):
    """Unpack Debian's wheel of pip; a wheel can be run without being installed."""
    target = layout.cache / "pip"
    apt = PrivateApt(layout.cache / "apt-pip", ["bookworm"], layout.logs)
    apt.update(current)
    apt.unpack({"bookworm": ["python3-pip-whl"]}, target, current)
    wheels = sorted(target.glob("usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise DevError("Neither ensurepip nor pip is there: install the package python3-venv.")
    return wheels[-1]


def metadata_wheel(folder, name, version, requires):
    """Write a wheel that holds nothing but a name, a version and a requirement."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    if requires:
        metadata += f"Requires-Dist: {requires}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: dev\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path
