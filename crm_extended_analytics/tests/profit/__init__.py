from . import test_profit_tie
