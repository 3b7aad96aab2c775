"""What must not be in a public repository: this machine's paths and hosts, and keys.

The paths and hosts are those of the machine that runs the check, so none is
written down here.
"""

import configparser
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from . import Problem

KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
URL = re.compile(r"https?://[^\s\"'<>\]]+")
PIP_FILES = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf")
# Shorter folders (/tmp, /srv) are words of other sentences.
SHORTEST_PATH = 2


def tracked(repo):
    """The files that git has or would add."""
    listing = subprocess.run(
        ["git", "-C", repo, "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, text=True, check=False
    )
    return [name for name in listing.stdout.split("\0") if name]


def forbidden_paths(repo):
    """The checkout, and the home folder of who runs this."""
    places = {str(Path(repo).resolve()), str(Path.home())}
    return sorted(place for place in places if len(Path(place).parts) >= SHORTEST_PATH)


def forbidden_hosts():
    """The hosts that this machine's apt and pip are set up to fetch from."""
    hosts = set()
    for path in [Path("/etc/apt/sources.list"), *Path("/etc/apt").glob("sources.list.d/*")]:
        if path.is_file():
            hosts |= {urlsplit(url).hostname for url in URL.findall(path.read_text(errors="replace"))}
    for name in PIP_FILES:
        parser = configparser.RawConfigParser()
        try:
            parser.read(Path(name).expanduser())
        except configparser.Error:
            continue
        for section in parser.sections():
            for value in dict(parser[section]).values():
                hosts |= {urlsplit(url).hostname for url in URL.findall(value)}
    return sorted(host for host in hosts if host)


def check(repo, names=()):
    needles = [(place, "a path of this machine") for place in forbidden_paths(repo)]
    needles += [(host, "a host of a package registry") for host in forbidden_hosts()]
    for name in tracked(repo):
        path = Path(repo) / name
        try:
            text = path.read_text()
        except (UnicodeDecodeError, OSError):
            continue
        yield from check_text(name, text, needles)


def check_text(name, text, needles):
    for number, line in enumerate(text.splitlines(), 1):
        for needle, what in needles:
            if re.search(rf"{re.escape(needle)}(?![\w-])", line):
                yield Problem(name, number, f"{needle}: {what}")
        if KEY.search(line):
            yield Problem(name, number, "a private key")
