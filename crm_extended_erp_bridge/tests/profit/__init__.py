from . import test_posted_cost
