from . import crm_conversion_policy_mixin
from . import crm_lead_amount_mixin
from . import crm_lead_lost_proposal_mixin
from . import crm_lead_winning_mixin
from . import sale_order_conversion_mixin
