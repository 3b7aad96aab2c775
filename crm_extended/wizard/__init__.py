from . import crm_conversion_decision
from . import crm_conversion_decision_line
from . import sale_mass_cancel_orders
