from . import test_scoring_bg_nbd
from . import test_scoring_customers
from . import test_scoring_docstrings
from . import test_scoring_libraries
from . import test_scoring_market
from . import test_scoring_models
from . import test_scoring_tiers
from . import test_scoring_value
