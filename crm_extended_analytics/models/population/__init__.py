from . import crm_population_report
