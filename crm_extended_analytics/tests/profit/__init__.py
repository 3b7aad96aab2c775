from . import test_profit_ladder
from . import test_profit_tie
