from . import crm_segment_engine
from . import crm_segment
from . import crm_segment_rule
from . import crm_segment_member
from . import crm_segment_history
from . import crm_population_report_segment
