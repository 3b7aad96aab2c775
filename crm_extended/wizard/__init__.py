from . import crm_conversion_decision
from . import crm_conversion_decision_line
from . import crm_roadmap_override
from . import crm_roadmap_setup
from . import sale_mass_cancel_orders
