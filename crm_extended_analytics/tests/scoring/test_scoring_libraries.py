import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from ...scoring import bg_nbd, libraries, rfm
from .common_scoring import BaseCase, tagged

#: What must work on a server without numpy and scipy. -S leaves site-packages out, and with it both.
PLAIN = """
from datetime import date
from scoring import (accuracy, abc_xyz, attribution, basket, bg_bb, calibration, clv, cohort, forecast_simple,
    growth, kaplan_meier, lateness, libraries, peers, profiling, profit, rfm, romi, satisfaction, sbg, score_scale,
    uplift, velocity, wallet)
assert clv.present_value(100, 0.8, 0.1) > 266
assert sbg.survival(sbg.Parameters(1, 1), 2) > 0
assert uplift.minimum_holdout(base_rate=0.05, least_uplift=0.03) == 1059
assert rfm.rfm_score(9, rfm.Cutoffs(((8, 1), (6, 2), (4, 3), (2, 4)))) == 5
assert abc_xyz.xyz_class([1, 1, 1]) == "X"
assert score_scale.scale_score(1, score_scale.Scale(((0, 0), (2, 100)))) == 50
assert len(attribution.markov_credits([("A", 1), ("B", 0)])) == 2
assert peers.percentile_among(3, [1, 2, 4, 5, 6]) == 40
try:
    profit.gini([1, 2])
except libraries.MissingLibrary as error:
    assert str(error).endswith("choose a method that does without it."), error
else:
    raise SystemExit("numpy was not missing")
"""


@tagged("post_install", "-at_install")
class TestScoringLibraries(BaseCase):
    def test_plain_numbers_need_no_library(self):
        """A fresh interpreter without site-packages works out whatever takes plain numbers."""
        process = subprocess.run(
            [sys.executable, "-S", "-c", PLAIN],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(process.returncode, 0, process.stderr)

    def test_missing_library_is_named(self):
        """As it is installed, not as it is imported."""
        with patch.object(libraries, "import_module", side_effect=ImportError):
            for name, told in [("sklearn.cluster", "scikit-learn"), ("scipy.special", "scipy"), ("numpy", "numpy")]:
                with self.assertRaisesRegex(libraries.MissingLibrary, f"library {told}: install"):
                    libraries.load(name)
            with self.assertRaises(libraries.MissingLibrary):
                bg_nbd.fit([1], [1], [2])
            with self.assertRaises(libraries.MissingLibrary):
                rfm.rfm_cutoffs([1, 2])

    def test_fits_use_one_thread(self):
        """Threads of the linear algebra would wait for each other; afterwards there are as many as before."""
        libraries.load("scipy.optimize")
        controller = libraries.load("threadpoolctl").ThreadpoolController().select(user_api="blas")

        def get_threads():
            return [library["num_threads"] for library in controller.info()]

        with controller.limit(limits=2):
            before = get_threads()
            with libraries.one_thread():
                self.assertEqual(set(get_threads()), {1})
            self.assertEqual(get_threads(), before)
            with patch.object(libraries, "find_spec", return_value=None), libraries.one_thread():
                self.assertEqual(get_threads(), before, "without the library everything stays as it is")
