from . import test_order_risk
from . import test_promise_line
from . import test_promise_planner
from . import test_product_supply
