from . import test_score_comparison
