"""Check and merge the translations of our addons. Runs in the environment (polib).

    python -m devtools.translations check FOLDER ADDON...
    python -m devtools.translations merge FOLDER ADDON...

FOLDER has the `<addon>.pot` files that Odoo exported just now.
"""

import re
import sys
from pathlib import Path

import polib

LANGUAGES = ("es", "bg")
# What a translation must repeat: placeholders and the names of the tags.
PLACEHOLDER = re.compile(r"%\([^)]*\)[sdfr]|%[sdfr]|\{\{.*?\}\}|\{[^{}\s]*\}")
TAG = re.compile(r"</?\s*([a-zA-Z][\w-]*)")


def key(entry):
    return entry.msgctxt, entry.msgid


def entries(catalogue):
    return {key(entry): entry for entry in catalogue if not entry.obsolete}


def shorten(text):
    line = " ".join(text.split())
    return repr(line if len(line) < 60 else line[:57] + "...")


def check(folder, name):
    """Yield `path:line: text` for the template and each language of an addon."""
    exported = entries(polib.pofile(str(folder / f"{name}.pot")))
    template = Path(name) / "i18n" / f"{name}.pot"
    if not exported:
        return
    if not template.is_file():
        yield f"{template}:1: the template is missing ({len(exported)} terms): run ./dev i18n"
    else:
        committed = entries(polib.pofile(str(template)))
        for missing in exported.keys() - committed.keys():
            yield f"{template}:1: the term {shorten(missing[1])} is missing: run ./dev i18n"
        for extra in committed.keys() - exported.keys():
            line = committed[extra].linenum
            yield f"{template}:{line}: the term {shorten(extra[1])} is no longer used: run ./dev i18n"
    for language in LANGUAGES:
        yield from check_language(exported, template.with_name(f"{language}.po"))


def check_language(exported, path):
    if not path.is_file():
        yield f"{path}:1: the translation is missing"
        return
    translated = entries(polib.pofile(str(path)))
    for wanted in exported:
        entry = translated.get(wanted)
        if entry is None:
            yield f"{path}:1: {shorten(wanted[1])} is missing: run ./dev i18n"
            continue
        problem = judge(entry)
        if problem:
            yield f"{path}:{entry.linenum}: {shorten(entry.msgid)} {problem}"
    for extra in translated.keys() - exported.keys():
        yield f"{path}:{translated[extra].linenum}: {shorten(extra[1])} is no longer used: run ./dev i18n"


def judge(entry):
    """Say what is wrong with a translation, or None."""
    if entry.fuzzy:
        return "is fuzzy"
    if not entry.msgstr.strip():
        return "is not translated"
    for what, pattern in (("placeholders", PLACEHOLDER), ("tags", TAG)):
        if sorted(pattern.findall(entry.msgid)) != sorted(pattern.findall(entry.msgstr)):
            return f"has other {what} than its translation {shorten(entry.msgstr)}"
    return None


def merge(folder, name):
    """Replace the template by the exported one and bring the languages up to it."""
    exported = polib.pofile(str(folder / f"{name}.pot"))
    target = Path(name) / "i18n"
    target.mkdir(exist_ok=True)
    template = target / f"{name}.pot"
    if template.is_file():
        keep_dates(exported, polib.pofile(str(template)))
    exported.save(str(template))
    for language in LANGUAGES:
        yield merge_language(exported, target / f"{language}.po", language)


def keep_dates(exported, before):
    """An export that says the same is the same file, so it keeps the old dates."""
    same = [(key(e), e.occurrences, e.comment) for e in exported] == [
        (key(e), e.occurrences, e.comment) for e in before
    ]
    if same:
        for name in ("POT-Creation-Date", "PO-Revision-Date"):
            if name in before.metadata:
                exported.metadata[name] = before.metadata[name]


def merge_language(exported, path, language):
    known = polib.pofile(str(path)) if path.is_file() else polib.POFile()
    translated = entries(known)
    merged = polib.POFile(wrapwidth=78)
    merged.header = exported.header
    merged.metadata = {**exported.metadata, **known.metadata, "Language": language}
    for entry in exported:
        before = translated.get(key(entry))
        merged.append(
            polib.POEntry(
                msgctxt=entry.msgctxt,
                msgid=entry.msgid,
                msgstr=before.msgstr if before else "",
                comment=entry.comment,
                occurrences=entry.occurrences,
                flags=before.flags if before else entry.flags,
            )
        )
    merged.save(str(path))
    missing = sum(not entry.msgstr for entry in merged)
    return f"{path}: {len(merged)} terms, {missing} to translate"


def main(command, folder, *names):
    action = {"check": check, "merge": merge}[command]
    for name in names:
        for line in action(Path(folder), name):
            print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
