from . import crm_campaign_budget
from . import crm_campaign_cost
from . import crm_campaign_return
from . import crm_holdout
from . import crm_holdout_member
from . import crm_population_report_holdout
from . import res_partner_holdout_mixin
