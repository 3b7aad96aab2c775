from . import crm_import_good_rows_mixin
from . import crm_market_cell
from . import crm_population_report_white_space
from . import crm_market_size
from . import crm_market_share
from . import crm_series
from . import crm_series_point
from . import crm_series_correlation
