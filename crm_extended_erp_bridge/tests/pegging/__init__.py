from . import test_demand_change
from . import test_pegging
from . import test_pegging_planner
