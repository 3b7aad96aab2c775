# rows of other domains inherit them, so they come before these
from . import crm_decision_source_mixin
from . import crm_treated_mixin

from . import crm_decision_kind
from . import crm_decision_kind_activity
from . import crm_decision_kind_campaign
from . import crm_decision_kind_price
from . import crm_decision_kind_tier
from . import crm_decision_size_mixin
from . import crm_decision_start_mixin
from . import crm_decision_measure_mixin
from . import crm_decision_verdict_mixin
from . import crm_decision
from . import crm_decision_member
from . import crm_decision_measurement
from . import crm_decision_page
from . import res_partner_decision_mixin
