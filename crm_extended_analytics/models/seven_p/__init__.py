# Configuration
from . import crm_scoring_method
from . import crm_scoring_method_weight
from . import crm_scoring_method_field
from . import crm_scoring_period

# What is stored
from . import crm_refusal_mixin
from . import crm_customer_measure
from . import crm_customer_score_month
from . import crm_customer_score

# How it is computed: the engine and the seven P
from . import crm_scoring_grain_mixin
from . import crm_scoring_place_mixin
from . import crm_scoring_engine
from . import crm_scoring_p
from . import crm_scoring_p_profiling_contact_mixin
from . import crm_scoring_p_profiling
from . import crm_scoring_p_persistency_contract_mixin
from . import crm_scoring_p_persistency
from . import crm_scoring_p_profitability
from . import crm_scoring_p_performance
from . import crm_scoring_p_prospecting
from . import crm_scoring_p_product
from . import crm_scoring_p_promotion

# The run
from . import crm_scoring_run_start_mixin
from . import crm_scoring_run_job_mixin
from . import crm_scoring_run_step_mixin
from . import crm_scoring_run
from . import crm_scoring_run_range
from . import crm_scoring_model_card
from . import crm_scoring_model_card_contract

# On the customer
from . import res_partner_seven_p_mixin
