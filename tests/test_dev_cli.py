"""`./dev` itself: its command line, its bad situations, its hashes, its checks. Nothing is downloaded."""

import errno
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from devtools import addons, cli, debian, interpreter, locks, modules, odoo_source, postgres, processes, python_env
from devtools.commands import test as test_command
from devtools.console import DevError, describe_failure
from devtools.databases import Databases
from devtools.layout import REPO, Layout
from devtools.lint import hygiene, manifests, renames
from devtools.odoo_log import Entry, Judge, parse
from devtools.odoo_suite import compare
from devtools.postgres import given_server
from devtools.server import require_free_port

MANIFEST = """{
    "name": "Sample",
    "version": "19.0.1.0.0",
    "author": "Somebody",
    "website": "https://example.com",
    "license": "AGPL-3",
    "depends": ["crm"],
    "data": ["views/sample_views.xml"],
}
"""
DEB822 = """\
# a comment
Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main

Types: deb deb-src
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
"""


def dev(*arguments, **environ):
    """Run the command itself, without what the test run exports."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "CRMX_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, str(REPO / "dev"), *arguments],
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path / "cache", repo=tmp_path / "repo")
    layout.make()
    return layout


@pytest.fixture
def repo(tmp_path):
    """A repository with one flawless addon that has the name of ours."""
    addon = tmp_path / "repo" / "crm_extended"
    (addon / "views").mkdir(parents=True)
    (addon / "__manifest__.py").write_text(MANIFEST)
    (addon / "views" / "sample_views.xml").write_text("<odoo/>\n")
    (tmp_path / "repo" / "requirements.txt").write_text("scikit-learn==1.0\n")
    return tmp_path / "repo"


# -- command line ---------------------------------------------------------


def test_help_lists_every_command():
    result = dev("--help")
    assert result.returncode == 0
    for name in cli.COMMANDS:
        assert re.search(rf"^    {name}\b", result.stdout, re.M), name
    assert {path.stem for path in (REPO / "devtools" / "commands").glob("[a-z]*.py")} == set(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name):
    help_text = cli.build_parser()._subparsers._group_actions[0].choices[name].format_help()
    assert "not written" not in help_text
    assert len(help_text.splitlines()) > 4


def test_unknown_arguments_go_to_pytest_only():
    options = cli.parse(["test", "tests", "-k", "won and not lost", "-x", "--coverage"])
    assert options.rest == ["tests", "-k", "won and not lost", "-x"]
    assert options.coverage
    with pytest.raises(SystemExit):
        cli.parse(["run", "--prot", "8070"])


def test_bench_and_load_are_listed():
    result = dev("bench", "--list")
    assert result.returncode == 0
    assert all(name in result.stdout for name in modules.names("bench"))
    with pytest.raises(DevError, match="There is no bench 'nothing'"):
        modules.load("bench", "nothing")


# -- bad situations -------------------------------------------------------


def test_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = dev("run", "--port", str(port), CRMX_CACHE=str(tmp_path / "cache"))
        assert result.returncode == 1
        assert result.stderr == f"dev: Port {port} is taken: stop what listens there, or choose another with --port.\n"
        assert not (tmp_path / "cache").exists(), "nothing is set up for a run that cannot start"
    require_free_port(port)


@pytest.mark.parametrize(
    ("version", "supported"), [((3, 9), False), ((3, 10), True), ((3, 13, 1), True), ((3, 14), False)]
)
def test_supported_python(version, supported):
    assert interpreter.is_supported(version) is supported


def test_another_python_is_found_or_refused():
    there = {"python3.12": None, "python3.11": (3, 11), "python3": (3, 9)}
    assert interpreter.find_supported(there.get) == "python3.11"
    assert interpreter.find_supported({"python3": (3, 14)}.get) is None
    assert "This is Python 3.9, Odoo 19 needs Python 3.10 to 3.13" in interpreter.refusal((3, 9))


def test_wrong_python_does_not_start(monkeypatch, capsys):
    monkeypatch.setattr(interpreter.sys, "version_info", (3, 9, 0))
    monkeypatch.setattr(interpreter, "find_supported", lambda: None)
    with pytest.raises(SystemExit) as stopped:
        interpreter.ensure_supported(["dev", "run"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_no_debian_and_no_odoo_source(layout, tmp_path):
    apt = debian.PrivateApt(tmp_path / "apt", ["sid"], layout.logs, etc=tmp_path / "empty")
    with pytest.raises(DevError, match="set ODOO_SOURCE"):
        apt.update()


def test_odoo_source_that_is_none(layout, tmp_path):
    with pytest.raises(DevError, match="holds no Odoo"):
        odoo_source.obtain(layout, {"ODOO_SOURCE": str(tmp_path)})
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    with pytest.raises(DevError, match=r"holds Odoo 18\.0, these addons are for 19\.0"):
        odoo_source.obtain(layout, {"ODOO_SOURCE": str(tmp_path)})


def test_odoo_source_checkout(layout, tmp_path):
    for path in ("odoo/release.py", "addons/crm/__manifest__.py"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    found = odoo_source.obtain(layout, {"ODOO_SOURCE": str(tmp_path)})
    assert found.python_path == tmp_path
    assert found.core_addons == tmp_path / "addons"
    # An unpacked package: `addons` beside `odoo` is a partial duplicate there.
    (tmp_path / "odoo" / "addons" / "crm").mkdir(parents=True)
    (tmp_path / "odoo" / "addons" / "crm" / "__manifest__.py").touch()
    assert odoo_source.obtain(layout, {"ODOO_SOURCE": str(tmp_path)}).addons_path == []


def test_full_disk_is_told_before_and_after(layout, monkeypatch, capsys):
    with pytest.raises(DevError, match="The disk is full: a test needs"):
        layout.require_space(10**18, "a test")
    log = layout.logs / "some.log"
    log.write_text("tar: cannot write: No space left on device\n")
    assert describe_failure("It failed", 2, log) == "It failed: the disk is full."

    def fill(_options):
        raise OSError(errno.ENOSPC, "No space left on device", "some/file")

    monkeypatch.setattr("devtools.commands.stop.run", fill)
    assert cli.main(["stop"]) == 1
    assert capsys.readouterr().err == "dev: The disk is full: some/file.\n"


def test_unreachable_postgres(tmp_path):
    program = tmp_path / "psql"
    program.write_text("#!/bin/sh\necho 'could not connect: Connection refused' >&2\nexit 2\n")
    program.chmod(0o755)
    server = given_server(program, environ={"PGHOST": "nowhere", "PGUSER": "odoo"})
    with pytest.raises(DevError, match="PostgreSQL at nowhere:5432 cannot be reached: could not connect"):
        server.check()


def test_config_comes_before_the_environment(tmp_path):
    conf = tmp_path / "odoo.conf"
    conf.write_text("[options]\ndb_host = one\ndb_password = False\n")
    server = given_server("psql", conf, {"PGHOST": "two", "PGUSER": "odoo"})
    assert (server.host, server.user, server.password) == ("one", "odoo", "")
    assert given_server("psql", None, {}) is None
    with pytest.raises(DevError, match="cannot be read"):
        given_server("psql", tmp_path / "missing.conf", {})


# -- an interrupted set-up ------------------------------------------------


def test_half_unpacked_odoo_is_made_again(layout):
    """Neither a folder without its stamp nor a broken-off draft is ever used."""
    root = layout.cache / "odoo"
    (root / odoo_source.PYTHON_PATH).mkdir(parents=True)
    (root / "leftover").touch()
    draft = root.with_name("odoo.incomplete")
    draft.mkdir()
    (draft / "leftover").touch()
    assert not odoo_source.is_complete(root)

    def fetch(_layout, target, _current):
        (target / odoo_source.PYTHON_PATH / "odoo").mkdir(parents=True)
        (target / odoo_source.PYTHON_PATH / "addons").mkdir()
        return {"odoo-19": "19.0.7"}

    odoo_source.build(layout, root, fetch)
    assert odoo_source.from_debian(layout).version == "19.0.7"
    assert not draft.exists()
    assert not list(root.rglob("leftover"))
    assert [path.name for path in (root / odoo_source.PYTHON_PATH).iterdir()] == ["odoo"]


def test_interrupted_unpacking_leaves_no_odoo(layout):
    def interrupted(_layout, target, _current):
        (target / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        odoo_source.build(layout, layout.cache / "odoo", interrupted)
    assert not (layout.cache / "odoo").exists()


def test_broken_links_are_refused(tmp_path):
    (tmp_path / "font.otf").symlink_to("nowhere.otf")
    with pytest.raises(DevError, match="links to 1 files that are not there"):
        odoo_source.refuse_broken_links(tmp_path)


def test_environment_without_stamp_is_incomplete(tmp_path):
    env = python_env.PythonEnv(tmp_path / "venv")
    env.bin.mkdir(parents=True)
    assert not env.is_complete


def test_metadata_wheel(tmp_path):
    path = python_env.metadata_wheel(tmp_path, "psycopg2", "2.9", "psycopg2-binary==2.9")
    with zipfile.ZipFile(path) as wheel:
        assert b"Requires-Dist: psycopg2-binary==2.9" in wheel.read("psycopg2-2.9.dist-info/METADATA")


def test_lock_is_held_by_one(tmp_path):
    """Another process cannot have the lock, and gets it when its owner is gone."""
    path = tmp_path / "lock"
    code = (
        "import sys, pathlib, fcntl\n"
        "handle = pathlib.Path(sys.argv[1]).open('a+')\n"
        "fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
    )
    with locks.exclusive(path, "a test"):
        assert str(os.getpid()) in path.read_text()
        assert subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=False).returncode == 1
    assert subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=False).returncode == 0


def test_last_user_is_known(tmp_path):
    first, second = (locks.SharedUse(tmp_path / "use") for _ in range(2))
    first.begin()
    second.begin()
    assert not first.is_last()
    first.end()
    assert second.is_last()
    second.end()


def test_only_our_processes_are_stopped(tmp_path):
    """A process id that was given again is not taken for ours."""
    records = processes.Records(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        record = records.add("server", child.pid, port=1)
        stranger = {**record, "start": "another moment"}
        assert processes.stop(stranger)
        assert child.poll() is None
        assert [found["pid"] for found in records.living("server")] == [child.pid]
        assert processes.stop(record)
        child.wait(10)
        assert not records.living()
        assert not list(tmp_path.iterdir())
    finally:
        child.kill()
        child.wait()


# -- hashes ---------------------------------------------------------------


def keys(layout, base="base"):
    databases = Databases(layout, server=None, run_odoo=None, base_key=base)
    return databases.template_keys(), databases.installed_key(["crm_extended"])


def test_template_follows_what_decides_its_content(layout, repo):
    before = keys(layout)
    assert keys(layout) == before
    assert keys(layout, base="another Odoo or requirement") != before
    manifest = repo / "crm_extended" / "__manifest__.py"
    manifest.write_text(MANIFEST.replace('"crm"', '"crm", "calendar"'))
    assert keys(layout)[0] != before[0]


def test_installed_follows_the_content_of_the_addons(layout, repo):
    templates, installed = keys(layout)
    view = repo / "crm_extended" / "views" / "sample_views.xml"
    view.write_text("<odoo><data/></odoo>\n")
    assert keys(layout)[0] == templates
    assert keys(layout)[1] != installed
    view.write_text("<odoo/>\n")
    assert keys(layout) == (templates, installed)
    tests = repo / "crm_extended" / "tests"
    tests.mkdir()
    (tests / "test_sample.py").write_text("# tests are no content of a database\n")
    assert keys(layout) == (templates, installed)


def test_requirements_key_follows_the_pins(tmp_path):
    """A tool of the development makes another environment, but no other databases."""
    for name in python_env.REQUIREMENTS:
        (tmp_path / name).write_text("lxml==5.2.2\n")
    before = python_env.requirements_key(tmp_path), python_env.runtime_key(tmp_path)
    (tmp_path / "requirements-dev.txt").write_text("ruff==1.0\n")
    assert python_env.requirements_key(tmp_path) != before[0]
    assert python_env.runtime_key(tmp_path) == before[1]
    (tmp_path / "requirements.txt").write_text("lxml==5.2.1\n")
    assert python_env.runtime_key(tmp_path) != before[1]


def test_every_requirement_is_pinned():
    for name in python_env.REQUIREMENTS:
        for line in (REPO / name).read_text().splitlines():
            assert not line or line.startswith("#") or "==" in line, line


def test_template_levels_are_built_upon_each_other():
    layout = Layout()
    template_keys, _installed = keys(layout)
    assert len(set(template_keys.values())) == len(template_keys) == len(addons.present())


# -- Debian's sources -----------------------------------------------------


def test_entry_is_derived_from_a_deb822_file(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822)
    ending, text = debian.derive_entry(["sid", "bookworm"], tmp_path)
    assert ending == ".sources"
    assert "Suites: sid bookworm" in text
    assert "http://archive.example/debian\n" in text
    assert "security" not in text
    assert "Signed-By: \n -----BEGIN PGP" in text and " mQINBF" in text


def test_entry_is_derived_from_one_line(tmp_path):
    (tmp_path / "sources.list").write_text(
        "# deb http://archive.example/debian stretch main\n"
        "deb http://archive.example/debian-security bookworm-security main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://archive.example/debian trixie main contrib\n"
    )
    ending, text = debian.derive_entry(["sid"], tmp_path)
    assert (ending, text) == (".list", "deb [arch=amd64 signed-by=/k.gpg] http://archive.example/debian sid main\n")


def test_a_disabled_or_foreign_entry_is_not_used(tmp_path):
    (tmp_path / "sources.list").write_text("deb http://archive.example/ubuntu noble main\n")
    assert debian.derive_entry(["sid"], tmp_path) is None
    assert debian.from_deb822(DEB822.replace("Types: deb deb-src", "Enabled: no\nTypes: deb"), ["sid"]) is None


# -- log ------------------------------------------------------------------

LOG = """\
2026-01-31 12:00:00,123 4711 INFO crm_extended odoo.modules.loading: fine
2026-01-31 12:00:00,124 4711 WARNING crm_extended odoo.addons.sale.models.x: not ours
2026-01-31 12:00:00,125 4711 ERROR crmx_12ab_t1_99 odoo.sql_db: bad query
Traceback (most recent call last):
  File "addons/crm_extended_analytics/models/y.py", line 1, in z
2026-01-31 12:00:00,126 4711 WARNING crm_extended odoo.addons.crm_extended.models.a: ours
"""


def test_log_records_are_ours_by_logger_message_or_trace():
    ours = Judge().ours(LOG)
    assert [(entry.level, entry.logger) for entry in ours] == [
        ("ERROR", "odoo.sql_db"),
        ("WARNING", "odoo.addons.crm_extended.models.a"),
    ]
    assert len(list(parse(LOG))) == 4


def test_name_of_a_database_is_not_ours():
    judge = Judge()
    assert not judge.is_ours(Entry("WARNING", "odoo.sql_db", "database crm_extended is slow"))
    assert not judge.is_ours(Entry("WARNING", "odoo.sql_db", "copying crmx_12ab_test_1_0"))
    assert judge.is_ours(Entry("WARNING", "odoo.fields", "Field crm.lead.x of module crm_extended"))


def test_log_record_naming_our_model(tmp_path):
    addon = tmp_path / "crm_extended"
    addon.mkdir()
    (addon / "__manifest__.py").write_text(MANIFEST)
    (addon / "tier.py").write_text('class Tier:\n    _name = "crm.sample"\n\nclass Lead:\n    _inherit = "crm.lead"\n')
    judge = Judge(tmp_path)
    assert judge.is_ours(Entry("WARNING", "odoo.models", "crm.sample has no access rule"))
    assert not judge.is_ours(Entry("WARNING", "odoo.models", "crm.sample.line has no access rule"))
    assert not judge.is_ours(Entry("WARNING", "odoo.models", "crm.lead is odd"))


# -- Odoo's own suite -----------------------------------------------------


def query_count(actual, expected):
    return ["failed", f"AssertionError: Query count more than expected for user admin: {actual} > {expected} in x"]


def test_suite_comparison():
    without = {"a": ["passed", ""], "b": ["failed", ""], "c": ["failed", ""], "d": ["passed", ""], "e": ["passed", ""]}
    with_us = {"a": ["failed", "x"], "b": ["failed", "x"], "c": ["passed", ""], "d": query_count(105, 100)}
    result = compare(without, with_us)
    assert result.new_failures == ["a"]
    assert result.gone_failures == ["c"]
    assert result.not_run == ["e"]
    assert result.ceilings == ["d: 105 queries instead of 100"]
    assert not result.too_many_queries
    assert compare({"d": ["passed", ""]}, {"d": query_count(111, 100)}).too_many_queries
    assert not compare({"d": query_count(120, 100)}, {"d": query_count(121, 100)}).is_bad
    assert compare({"d": query_count(120, 100)}, {"d": query_count(140, 100)}).is_bad


# -- lint -----------------------------------------------------------------


def texts(problems):
    return [str(problem) for problem in problems]


def test_flawless_addon_has_no_problem(repo):
    assert not texts(manifests.check(repo, ["crm_extended"]))
    assert not texts(renames.check(repo, ["crm_extended"]))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("19.0.1.0.0", "1.0"), "the version '1.0' is not like"),
        (('"author"', '"writer"'), "the manifest has no author"),
        (("AGPL-3", "LGPL-3"), "the license is LGPL-3"),
        (("sample_views", "other_views"), "views/other_views.xml is listed and is not there"),
        (('["views/sample_views.xml"]', "[]"), "views/sample_views.xml:1: the file is not listed"),
        (("}\n", '"external_dependencies": {"python": ["torch"]}}\n'), "torch is not in requirements.txt"),
        (("{", "{ this is no Python"), "cannot be read"),
    ],
)
def test_flawed_manifest(repo, change, problem):
    (repo / "crm_extended" / "__manifest__.py").write_text(MANIFEST.replace(*change))
    assert problem in "\n".join(texts(manifests.check(repo, ["crm_extended"])))


def test_external_dependency_under_its_import_name(repo):
    wanted = '"external_dependencies": {"python": ["sklearn"]}}\n'
    (repo / "crm_extended" / "__manifest__.py").write_text(MANIFEST.replace("}\n", wanted))
    assert not texts(manifests.check(repo, ["crm_extended"]))


def test_xml_that_is_not_well_formed(repo):
    (repo / "crm_extended" / "views" / "sample_views.xml").write_text("<odoo>\n<record>\n</odoo>\n")
    [problem] = texts(manifests.check(repo, ["crm_extended"]))
    assert problem == "crm_extended/views/sample_views.xml:3: not well-formed XML: mismatched tag"


@pytest.mark.parametrize(
    "line",
    [
        "_sql_constraints = [('a', 'b', 'c')]",
        "    _constraints = []",
        "from odoo.osv import expression",
        "def name_get(self):",
        "self.read_group([], [], [])",
        "self._cr.execute('x')",
        "@http.route('/a', type='json')",
        "user.groups_id",
        "auto_join=True",
        "group_operator='sum'",
        "records.toggle_active()",
        "self.check_access_rights('read')",
        "self.user_has_groups('x')",
        "with_context(force_company=1)",
        "from odoo import _, api",
        "from odoo import api, _",
        "from odoo.tests.common import Form",
    ],
)
def test_old_name_in_python(line):
    assert texts(renames.check_python("x.py", f"\n{line}\n"))[0].startswith("x.py:2: ")
    assert not texts(renames.check_python("x.py", f"# {line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "self._read_group(domain, ['a'], ['b:sum'])",
        "self.formatted_read_group(domain)",
        "from odoo import api, fields, models",
        "@http.route('/a', type='jsonrpc')",
        "self.env._('A text')",
        "self.env.cr",
    ],
)
def test_new_name_in_python(line):
    assert not texts(renames.check_python("x.py", line))


@pytest.mark.parametrize(
    "text",
    [
        "<tree/>",
        '<field name="view_mode">tree,form</field>',
        '<field name="a" attrs="{\'invisible\': 1}"/>',
        '<button name="a" states="draft"/>',
        '<t t-name="kanban-box"/>',
        '<div class="oe_chatter"/>',
        '<field name="groups_id"/>',
        '<record id="a" model="res.groups">\n<field name="category_id" ref="b"/></record>',
        '<record id="a" model="res.groups">\n<field name="users" eval="1"/></record>',
        '<search><group expand="0" string="Group By"/></search>',
        '<field name="numbercall">-1</field>',
        '<t t-raw="x"/>',
    ],
)
def test_old_name_in_xml(text):
    assert texts(renames.check_xml("x.xml", text))
    assert not texts(renames.check_xml("x.xml", f"<!-- {text} -->"))


def test_new_names_in_xml():
    text = (
        '<list/><record id="a" model="crm.lead"><field name="category_id"/></record>'
        '<search><group name="group_by"><filter name="x"/></group></search><group string="Form"/>'
    )
    assert not texts(renames.check_xml("x.xml", text))


def test_paths_hosts_and_keys_are_found():
    key = "-----BEGIN RSA " + "PRIVATE KEY-----"
    text = f"fine\nsee /some/place/x\nfrom archive.example/x\n{key}\n/some/placebo\n"
    needles = [("/some/place", "a path"), ("archive.example", "a host")]
    assert [str(problem).split(":")[1] for problem in hygiene.check_text("x", text, needles)] == ["2", "3", "4"]


def test_translations_are_judged(tmp_path, monkeypatch):
    """Missing, fuzzy, untranslated, other placeholders, other tags."""
    polib = pytest.importorskip("polib")
    from devtools import translations

    def catalogue(path, pairs, flags=()):
        po = polib.POFile()
        for msgid, msgstr in pairs:
            po.append(polib.POEntry(msgid=msgid, msgstr=msgstr, flags=list(flags)))
        path.parent.mkdir(parents=True, exist_ok=True)
        po.save(str(path))

    monkeypatch.chdir(tmp_path)
    terms = ["Won", "%(count)s orders", "<b>Bold</b>", "New"]
    catalogue(tmp_path / "export" / "crm_extended.pot", [(term, "") for term in terms])
    i18n = tmp_path / "crm_extended" / "i18n"
    catalogue(i18n / "crm_extended.pot", [(term, "") for term in [*terms[:3], "Old"]])
    catalogue(i18n / "es.po", [("Won", ""), ("%(count)s orders", "pedidos"), ("<b>Bold</b>", "Negrita"), ("New", "N")])
    catalogue(i18n / "bg.po", [(term, term) for term in terms], flags=["fuzzy"])
    found = "\n".join(translations.check(tmp_path / "export", "crm_extended"))
    for expected in (
        r"crm_extended\.pot:1: the term 'New' is missing",
        r"crm_extended\.pot:\d+: the term 'Old' is no longer used",
        r"es\.po:\d+: 'Won' is not translated",
        r"es\.po:\d+: '%\(count\)s orders' has other placeholders",
        r"es\.po:\d+: '<b>Bold</b>' has other tags",
        r"bg\.po:\d+: 'New' is fuzzy",
    ):
        assert re.search(expected, found), expected

    list(translations.merge(tmp_path / "export", "crm_extended"))
    merged = {entry.msgid: entry.msgstr for entry in polib.pofile(str(i18n / "es.po"))}
    assert merged == {"Won": "", "%(count)s orders": "pedidos", "<b>Bold</b>": "Negrita", "New": "N"}
    assert "Old" not in (i18n / "crm_extended.pot").read_text()


# -- pytest plugin --------------------------------------------------------


def run_pytest(folder, *arguments, **environ):
    """Run pytest with our plugin and without pytest-odoo on a folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "CRMX_TEST"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "no:cacheprovider", f"--rootdir={folder}"]
        + ["-c", os.devnull, "-p", "devtools.pytest_crm_extended", *arguments, "."],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(REPO), "CRMX_INSTALL_LOG": "", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_our_warning_fails_the_run_unless_it_is_expected(tmp_path):
    (tmp_path / "test_a.py").write_text(
        "import logging, unittest\n"
        "class TestA(unittest.TestCase):\n"
        "    def test_expected(self):\n"
        "        with self.assertLogs('odoo.addons.crm_extended'):\n"
        "            logging.getLogger('odoo.addons.crm_extended').warning('expected')\n"
    )
    result_file = tmp_path / "result.json"
    assert run_pytest(tmp_path, CRMX_RESULT_FILE=str(result_file)).returncode == 0
    assert json.loads(result_file.read_text()) == {"test_a.py::TestA::test_expected": ["passed", ""]}
    (tmp_path / "test_b.py").write_text(
        "import logging\n"
        "from test_a import TestA\n"
        "def test_b():\n    logging.getLogger('odoo.addons.crm_extended.x').warning('not expected')\n"
    )
    result = run_pytest(tmp_path)
    assert result.returncode == 1
    assert "WARNING odoo.addons.crm_extended.x: not expected" in result.stdout
    assert "2 passed" in result.stdout and "1 deselected" in result.stdout, "an imported class runs once"
    assert "1 logged problem" in result.stdout.splitlines()[-1]


def test_processes_hand_over_what_they_have_seen(tmp_path):
    """Our log records and Python's warnings are counted once, and each result is kept."""
    for name in "ab":
        (tmp_path / f"test_{name}.py").write_text(
            "import logging, warnings\n"
            f"def test_{name}():\n"
            f"    logging.getLogger('odoo.addons.crm_extended.{name}').warning('not expected')\n"
            f"    warnings.warn('old crm_extended {name}', DeprecationWarning)\n"
        )
    result_file = tmp_path / "result.json"
    result = run_pytest(tmp_path, "-n", "2", "--dist=loadscope", CRMX_RESULT_FILE=str(result_file))
    assert result.returncode == 1
    assert json.loads(result_file.read_text()) == {f"test_{n}.py::test_{n}": ["passed", ""] for n in "ab"}
    for name in "ab":
        assert result.stdout.count(f"WARNING odoo.addons.crm_extended.{name}: not expected") == 1
    assert "2 passed" in result.stdout and "4 logged problems" in result.stdout.splitlines()[-1], result.stdout
    (tmp_path / "test_a.py").write_text("import pytest\n@pytest.mark.skip\ndef test_a():\n    pass\n")
    (tmp_path / "test_b.py").unlink()
    result = run_pytest(tmp_path, "-n", "2", "--dist=loadscope")
    assert result.returncode == 1 and "no test was executed" in result.stdout


def test_each_process_has_its_own_database(tmp_path):
    for name in "ab":
        (tmp_path / f"test_{name}.py").write_text(
            "import os\n"
            f"def test_{name}(request):\n"
            f"    open({name!r}, 'w').write(request.config.option.odoo_database)\n"
            "    assert 'PYTEST_XDIST_WORKER' not in os.environ\n"
        )
    result = run_pytest(tmp_path, "-n", "2", "--dist=loadscope", CRMX_TEST_DATABASES="first,second")
    assert result.returncode == 0, result.stdout
    assert {(tmp_path / name).read_text() for name in "ab"} == {"first", "second"}


@pytest.mark.parametrize(
    ("cores", "words", "number"), [(2, "", 2), (64, "", 4), (2, "tests", 1), (1, "--processes 3 tests", 3), (1, "", 1)]
)
def test_all_tests_run_in_as_many_processes_as_cores(monkeypatch, cores, words, number):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    options = cli.parse(["test", *words.split()])
    assert test_command.count_processes(options) == number
    assert test_command.in_processes(number)[:2] == (["-n", str(number)] if number > 1 else [])
    options.coverage = True
    assert test_command.count_processes(options) == 1, "coverage is measured in one process"


def test_a_run_without_tests_fails(tmp_path):
    (tmp_path / "test_a.py").write_text("import pytest\n@pytest.mark.skip\ndef test_a():\n    pass\n")
    result = run_pytest(tmp_path)
    assert result.returncode == 1
    assert "no test was executed" in result.stdout


def test_dev_files_name_no_odoo_at_import():
    """`dev` starts with a Python that has nothing installed."""
    code = "import sys; sys.modules.update(dict.fromkeys(['odoo', 'psycopg2', 'polib', 'websocket', 'pytest']))\n"
    code += "from devtools import cli; cli.build_parser()\n"
    subprocess.run([sys.executable, "-c", code], cwd=REPO, check=True, timeout=60)


def test_ci_runs_lint_and_tests():
    text = Path(REPO / ".ci" / "run").read_text()
    assert os.access(REPO / ".ci" / "run", os.X_OK)
    assert "./dev lint" in text and "./dev test" in text


@pytest.mark.parametrize(("gigabytes", "megabytes"), [(0.5, 128), (8, 1024), (24, 2048), (512, 2048)])
def test_memory_of_the_cluster_is_that_of_the_machine(monkeypatch, gigabytes, megabytes):
    sizes = {"SC_PHYS_PAGES": int(gigabytes * 1024**3 / 4096), "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", sizes.get)
    assert postgres.shared_megabytes() == megabytes


def test_database_is_dropped_while_the_server_cleans_it(monkeypatch):
    """An autovacuum worker may not be ended by who is no superuser; any other refusal stays an error."""
    asked = []

    def refuse(_server, sql, database="postgres"):
        asked.append(sql)
        if "FORCE" in sql:
            raise postgres.DatabaseError(answer)

    monkeypatch.setattr(postgres.Server, "query", refuse)
    answer = f"ERROR:  {postgres.FOREIGN_PROCESS}"
    postgres.Server(Path("psql")).drop("old")
    assert asked == ['DROP DATABASE IF EXISTS "old" WITH (FORCE)', 'DROP DATABASE IF EXISTS "old"']
    answer = "ERROR:  must be owner of database old"
    with pytest.raises(postgres.DatabaseError):
        postgres.Server(Path("psql")).drop("old")
