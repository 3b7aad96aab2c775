from . import test_score_change
from . import test_score_comparison
