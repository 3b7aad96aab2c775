"""What the tests of the pure functions share.

The CDNOW customers of Fader and Hardie, which the addon reads when they are there and never ships.

CRMX_CDNOW_DIR      the folder with the file (default: shared/data/cdnow beside the repository)
"""

import csv
import os
import unittest
from pathlib import Path

# The ban on Odoo holds for the functions; their tests run in Odoo's runner like all others.
from odoo.tests import BaseCase, tagged  # noqa: TID251

__all__ = ["BaseCase", "load_cdnow", "tagged"]

REPO = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("CRMX_CDNOW_DIR") or REPO.parent / "shared" / "data" / "cdnow")
FILE = DATA / "cdnow_customers_summary_with_transactions.csv"


def load_cdnow():
    """Return x, t_x, T and mean spend of the 2,357 customers, or skip the test."""
    if not FILE.exists():
        raise unittest.SkipTest(f"There is no {FILE.name}: set CRMX_CDNOW_DIR to its folder.")
    with FILE.open(newline="") as lines:
        rows = [tuple(map(float, row[1:])) for row in list(csv.reader(lines))[1:]]
    return tuple(map(list, zip(*rows, strict=True)))
