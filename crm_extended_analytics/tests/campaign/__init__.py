from . import test_campaign_budget
from . import test_campaign_stop
from . import test_campaign_cost
from . import test_holdout
