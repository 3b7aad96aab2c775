from . import test_promise_planner
