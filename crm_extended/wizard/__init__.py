from . import crm_conversion_decision
from . import crm_conversion_decision_line
