from . import crm_profit_tie_engine
from . import crm_profit_tie
from . import crm_profit_tie_line
