from . import test_planning_mode
from . import test_release
