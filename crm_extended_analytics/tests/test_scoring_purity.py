import subprocess
import sys
from pathlib import Path

from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestScoringPurity(BaseCase):
    def test_scoring_loads_without_odoo(self):
        """A fresh interpreter imports the package and its modules, and no module of Odoo comes along."""
        addon = Path(__file__).parents[1]
        program = (
            "import importlib, pkgutil, sys, scoring\n"
            "for found in pkgutil.walk_packages(scoring.__path__, 'scoring.'):\n"
            "    importlib.import_module(found.name)\n"
            "loaded = {name.partition('.')[0] for name in sys.modules}\n"
            "sys.exit(' '.join(loaded & {'odoo', 'psycopg2'}) or 0)\n"
        )
        # -S: without site-packages, whose .pth files may import anything at start
        process = subprocess.run(
            [sys.executable, "-S", "-c", program], cwd=addon, capture_output=True, text=True, check=False
        )
        self.assertEqual(process.returncode, 0, process.stderr)
