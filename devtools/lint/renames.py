"""Names that Odoo 19 no longer knows, or knows under another name.

Most of them are no error at start: Odoo ignores them, and something is missing.
"""

import re

from . import Problem, files, relative

PYTHON = (
    (r"\b_sql_constraints\s*=", "creates nothing: use models.Constraint or models.UniqueIndex"),
    (r"^\s+_constraints\s*=", "creates nothing: use @api.constrains"),
    (r"\bodoo\.osv\b|from odoo import .*\bosv\b", "osv is gone: use odoo.fields.Domain"),
    (r"\bfrom odoo\.orm\b|\bimport odoo\.orm\b", "import from odoo, not from odoo.orm"),
    (r"\bname_get\(", "name_get is gone: use _compute_display_name"),
    (r"(?<!\w)read_group\(", "read_group is deprecated: use _read_group or formatted_read_group"),
    (r"\bself\._(cr|uid|context)\b", "use self.env.cr, self.env.uid, self.env.context"),
    (r"\btype\s*=\s*[\"']json[\"']", "the route type is jsonrpc"),
    (r"\bgroups_id\b", "is called group_ids"),
    (r"\bauto_join\s*=", "is called bypass_search_access"),
    (r"\bgroup_operator\s*=", "is called aggregator"),
    (r"\btoggle_active\b", "is gone: use action_archive and action_unarchive"),
    (r"\bcheck_access_(rights|rule)\b", "use check_access, has_access or _filtered_access"),
    (r"(?<!\.)\buser_has_groups\(|\.user_has_groups\(", "use env.user.has_groups"),
    (r"\bforce_company\b", "use with_company"),
    (r"\b_check_recursion\(", "use _has_cycle, which answers the opposite"),
    (r"\b_where_calc\(|\b_apply_ir_rules\(", "use _search and its Query"),
    (r"\b(numbercall|doall)\b", "this field of ir.cron is gone"),
    (r"\b_notify_progress\(", "use _commit_progress"),
    (r"\bodoo\.tests\.common import .*\bForm\b", "import Form from odoo.tests"),
    (r"\b(SavepointCase|SingleTransactionCase)\b", "use TransactionCase"),
    (r"\bFOR UPDATE (NOWAIT|SKIP LOCKED)", "use lock_for_update or try_lock_for_update"),
    (r"from odoo import (.*[\s,(])?_(?=[,)\s]|$)", "use self.env._"),
    (r"\bdetailed_type\b", "is called type, with is_storable"),
    (r"\bprocurement\.group\b", "is gone: use stock.reference"),
    (r"\bstock\.valuation\.layer\b", "is gone: the value is on stock.move"),
    (r"[\"']hr\.contract[\"']", "is called hr.version"),
    (r"\bres\.partner\.title\b", "is gone"),
    (r"[\"']uom\.category[\"']|\buom_po_id\b", "is gone: units form a tree"),
    (r"[\"']product\.packaging[\"']", "is gone: use uom_ids of the product template"),
    (r"\blot_producing_id\b", "is called lot_producing_ids"),
    (r"\bget_param\b.*\bget_int\b|\.get_int\(", "comes with 19.1: use get_param and cast"),
)  # fmt: skip
XML = (
    (r"<tree\b", "is called list"),
    (r"name=\"view_mode\"[^<]*>[^<]*\btree\b", "the view mode is called list"),
    (r"\battrs=", "is gone: write invisible=, readonly= and required= with an expression"),
    (r"<(button|field|group|page|div)\b[^>]*\sstates=", "is gone: write invisible="),
    (r"\bkanban-box\b", "is called card"),
    (r"\boe_chatter\b", "write <chatter/>"),
    (r"\bgroups_id\b", "is called group_ids"),
    (r"\btoggle_active\b", "is gone: use action_archive and action_unarchive"),
    (r"name=\"(numbercall|doall)\"", "this field of ir.cron is gone"),
    (r"\bcontext_today\(", "write 'today' in the domain"),
    (r"\bt-raw=", "is gone: use t-out"),
)
# (element, pattern inside it, text): what only the surrounding element tells.
INSIDE = (
    (r"<record\b[^>]*model=\"res\.groups\"[^>]*>.*?</record>", r"name=\"category_id\"",
     "a group has a privilege_id, and the privilege has the category"),
    (r"<record\b[^>]*model=\"res\.groups\"[^>]*>.*?</record>", r"name=\"users\"",
     "is called user_ids"),
    (r"<search\b.*?</search>", r"<group\b[^>]*\b(expand|string)=",
     "a group in a search view has no expand and no string"),
)  # fmt: skip
COMMENT = re.compile(r"<!--.*?-->", re.S)


def check(repo, names):
    for name in names:
        for path in files(repo, name, ".py"):
            yield from check_python(relative(repo, path), path.read_text(errors="replace"))
        for path in files(repo, name, ".xml"):
            yield from check_xml(relative(repo, path), path.read_text(errors="replace"))


def check_python(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#"):
            yield from _check_line(path, number, line, PYTHON)


def check_xml(path, text):
    # Comments keep their lines, so that the numbers stay right.
    text = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        yield from _check_line(path, number, line, XML)
    for element, pattern, advice in INSIDE:
        for outer in re.finditer(element, text, re.S):
            for inner in re.finditer(pattern, outer[0], re.S):
                number = text.count("\n", 0, outer.start() + inner.start()) + 1
                yield Problem(path, number, f"{inner[0]}: {advice}")


def _check_line(path, number, line, patterns):
    for pattern, advice in patterns:
        found = re.search(pattern, line)
        if found:
            yield Problem(path, number, f"{found[0].strip()}: {advice}")
