from . import test_planning_mode
