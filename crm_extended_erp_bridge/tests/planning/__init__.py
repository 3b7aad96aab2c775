from . import test_engine_faults
from . import test_forecast_consumption
from . import test_issues_planning
from . import test_planner_page
from . import test_planning_mode
from . import test_release
from . import test_run_planning
