from . import crm_profit_tie_engine
from . import crm_profit_tie
from . import crm_profit_tie_line
from . import crm_profit_ladder
from . import res_partner_profit_mixin
