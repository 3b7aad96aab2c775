from . import test_campaign_budget
from . import test_campaign_cost
from . import test_holdout
