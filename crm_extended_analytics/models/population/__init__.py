from . import crm_population_report
from . import crm_population_row_mixin
from . import crm_cohort_cell
from . import crm_population_report_cohort
from . import crm_whale_point
from . import crm_population_report_whale
from . import crm_attribution_credit
from . import crm_population_report_attribution
