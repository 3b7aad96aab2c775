from . import crm_roadmap_measure_benefit
from . import crm_roadmap_measure_evaluation
from . import crm_roadmap_measure_campaign
from . import crm_roadmap_measure_decision
from . import crm_roadmap_measure_warehouse
