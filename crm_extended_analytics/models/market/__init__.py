from . import crm_market_cell
from . import crm_population_report_white_space
