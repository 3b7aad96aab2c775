from . import crm_tier
from . import crm_tier_assignment
from . import crm_lead_tier_mixin
from . import res_partner_tier_mixin
from . import sale_order_tier_mixin
