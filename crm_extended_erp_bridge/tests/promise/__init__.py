from . import test_promise_line
from . import test_promise_planner
