from . import test_launch_plan
from . import test_market_size
from . import test_series
from . import test_white_space
