from . import test_capacity_planner
from . import test_workcenter_load
from . import test_workcenter_load_move
