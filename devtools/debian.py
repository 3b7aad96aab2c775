"""Debian packages without root: a private apt state in the cache.

The archive to ask is the one that the machine itself is set up for: its own
source entry is copied with another suite, signature key included. So packages
stay checked, and no host is named here.
"""

import os
import re
import shutil
from pathlib import Path

from .console import DevError, run_logged

# A suite with one of these names is in Debian's main archive (not security, not backports).
SUITES = {
    "oldoldstable", "oldstable", "stable", "testing", "unstable", "sid",
    "bullseye", "bookworm", "trixie", "forky", "duke",
}  # fmt: skip
# Fields that are set anew in a copied entry.
REPLACED_FIELDS = {"types", "suites", "components", "enabled", "architectures"}
ONE_LINE = re.compile(r"^deb\s+(?P<options>\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+main\b")


def split_stanzas(text):
    """Yield the entries of a deb822 file as {lower-case field: text with its continuation}."""
    for block in re.split(r"\n\s*\n", text):
        fields, last = {}, None
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in " \t" and last:
                fields[last] += "\n" + line
            elif ":" in line:
                key, _colon, value = line.partition(":")
                last = key.strip().lower()
                fields[last] = value.strip()
        if fields:
            yield fields


def from_deb822(text, suites):
    """Copy the first usable entry of a `.sources` text for other suites, or None."""
    for fields in split_stanzas(text):
        usable = (
            "deb" in fields.get("types", "").split()
            and fields.get("enabled", "yes").lower() not in ("no", "false")
            and "main" in fields.get("components", "").split()
            and set(fields.get("suites", "").split()) & SUITES
        )
        if usable:
            kept = [f"{key.title()}: {value}" for key, value in fields.items() if key not in REPLACED_FIELDS]
            new = ["Types: deb", f"Suites: {' '.join(suites)}", "Components: main"]
            return "\n".join(new + kept) + "\n"
    return None


def from_one_line(text, suites):
    """The same for an old `sources.list` text."""
    for line in text.splitlines():
        found = ONE_LINE.match(line.strip())
        if found and found["suite"] in SUITES:
            options = found["options"] or ""
            return "".join(f"deb {options}{found['uri']} {suite} main\n" for suite in suites)
    return None


def derive_entry(suites, etc=Path("/etc/apt")):
    """Return (file ending, text) of a source entry derived from the machine's own."""
    files = [*sorted((etc / "sources.list.d").glob("*.sources")), etc / "sources.list"]
    files += sorted((etc / "sources.list.d").glob("*.list"))
    for path in files:
        if not path.is_file():
            continue
        is_new = path.suffix == ".sources"
        text = (from_deb822 if is_new else from_one_line)(path.read_text(errors="replace"), suites)
        if text:
            return (".sources" if is_new else ".list"), text
    return None


def is_available():
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


class PrivateApt:
    """An apt state of our own: lists, cache and source entries lie in `folder`."""

    def __init__(self, folder, suites, log_folder, etc=Path("/etc/apt")):
        self.folder = Path(folder)
        self.suites = suites
        self.logs = Path(log_folder)
        self.etc = etc

    def update(self, current=None):
        """Fetch the package lists of the suites."""
        entry = derive_entry(self.suites, self.etc) if is_available() else None
        if not entry:
            raise DevError(
                "This machine has no Debian archive to take Odoo 19 from: set ODOO_SOURCE to "
                "the folder of an Odoo 19 (a checkout, or Debian's package odoo-19 unpacked)."
            )
        ending, text = entry
        for name in ("state/lists/partial", "cache/archives/partial", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.sources = self.folder / f"private{ending}"
        self.sources.write_text(text)
        run_logged(
            ["apt-get", *self._options(), "update"],
            self.logs / "apt-update.log",
            failure="apt-get could not fetch Debian's package lists",
            note=r"^Get:\d+ \S+ (.*)",
            current=current,
        )

    def _options(self):
        settings = {
            "Dir::Etc::sourcelist": self.sources,
            "Dir::Etc::sourceparts": "/dev/null",
            # The machine's pins speak of its own release, not of ours.
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State": self.folder / "state",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self.folder / "cache",
            "Dir::Log": self.folder / "log",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        if os.geteuid() == 0:
            # The sandbox user of apt may not enter our folder.
            settings["APT::Sandbox::User"] = "root"
        return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]

    def unpack(self, packages, target, current=None):
        """Download `{suite: [package]}` and unpack all of it into one folder.

        Returns {package: version}.
        """
        debs = self.folder / "debs"
        shutil.rmtree(debs, ignore_errors=True)
        debs.mkdir(parents=True)
        wanted = [f"{name}/{suite}" for suite, names in packages.items() for name in names]
        run_logged(
            ["apt-get", *self._options(), "download", *wanted],
            self.logs / "apt-download.log",
            failure="apt-get could not download Debian's packages",
            note=r"^Get:\d+ \S+ \S+ \S+ (\S+ .*)",
            current=current,
            cwd=debs,
        )
        versions = {}
        for path in sorted(debs.glob("*.deb")):
            name, version, _arch = path.name.split("_")
            versions[name] = version.replace("%3a", ":")
            if current:
                current.note = f"unpacking {name}"
            run_logged(
                ["dpkg-deb", "-x", path, target], self.logs / "dpkg.log", failure=f"{path.name} could not be unpacked"
            )
        shutil.rmtree(debs, ignore_errors=True)
        return versions
