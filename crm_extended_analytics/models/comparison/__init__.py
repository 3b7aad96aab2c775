from . import crm_measure_recall
from . import crm_score_comparison
from . import res_partner_comparison_mixin
