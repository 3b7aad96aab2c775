"""Log in to a running Odoo and photograph a page of it. Runs in the environment.

python -m devtools.screenshot '{"url": ..., "target": ..., "file": ...}'
"""

import contextlib
import json
import sys
import time

from devtools.browser import Browser
from devtools.console import DevError, warn
from devtools.server import OdooServer, RpcError

LANGUAGE_SECONDS = 300
READY_SECONDS = 60
# The page is there when its main content is, nothing is being loaded and every picture has come.
READY = """
(() => {
    const shown = (selector) => [...document.querySelectorAll(selector)].some((el) => el.getClientRects().length);
    const backend = document.querySelector(".o_web_client");
    const content = backend
        ? document.querySelector(".o_action_manager .o_content, .o_action_manager .o_action:not(:has(.o_content))")
        : document.querySelector("main, #wrapwrap");
    return document.readyState === "complete"
        && Boolean(content) && content.children.length > 0
        && !shown(".o_loading_indicator") && !shown(".o_blockUI") && !document.querySelector(".o_view_sample_loading")
        && [...document.images].every((image) => image.complete)
        && document.fonts.status === "loaded";
})()
"""


def main(wanted):
    server = OdooServer([], wanted["database"], log="unused", port=wanted["port"])
    if wanted["lang"]:
        ensure_language(server, wanted["lang"])
    try:
        session = server.login(wanted["login"], wanted["password"])
    except RpcError as error:
        raise DevError(f"{wanted['login']} cannot log in: {error}.") from error
    with in_language(server, session["uid"], wanted["lang"]):
        ready = photograph(server, wanted)
    if not ready:
        raise DevError(f"The page was not ready after {READY_SECONDS} s; {wanted['file']} shows how far it came.")


def ensure_language(server, lang):
    """Load the language where it is not there yet, through the server, so that all its processes know of it."""
    server.login()
    known = server.call("res.lang", "search_read", [[("code", "=", lang), ("active", "in", [True, False])], ["active"]])
    if not known:
        raise DevError(f"Odoo has no language {lang}: use a code like es_ES or bg_BG.")
    if known[0]["active"]:
        return
    [wizard] = server.call("base.language.install", "create", [[{"lang_ids": [[6, 0, [known[0]["id"]]]]}]])
    server.call("base.language.install", "lang_install", [[wizard]], timeout=LANGUAGE_SECONDS)


def photograph(server, wanted):
    """Take the picture; tells whether the page was ready."""
    width, height = (int(number) for number in wanted["size"].lower().split("x"))
    with Browser(width, height, wanted["lang"] or "en_US") as browser:
        browser.set_cookie(server.url, "session_id", server.cookie("session_id"))
        browser.open(server.url + path_of(wanted["target"]))
        ready = browser.wait_for(READY, READY_SECONDS)
        time.sleep(wanted["wait"])
        browser.screenshot(wanted["file"])
    return ready


@contextlib.contextmanager
def in_language(server, uid, lang):
    """Show the pages in another language: the user has it for the time of the picture."""
    if not lang:
        yield
        return
    [user] = server.call("res.users", "read", [[uid], ["lang"]])
    server.call("res.users", "write", [[uid], {"lang": lang}])
    try:
        yield
    finally:
        server.call("res.users", "write", [[uid], {"lang": user["lang"]}])


def path_of(target):
    """A path as it is; for the xml id of an action the path that opens it."""
    return target if target.startswith("/") else f"/odoo/action-{target}"


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]))
    except DevError as error:
        warn(str(error))
        sys.exit(1)
