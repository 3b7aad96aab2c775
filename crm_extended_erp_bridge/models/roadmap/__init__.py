from . import crm_roadmap_measure_chain
