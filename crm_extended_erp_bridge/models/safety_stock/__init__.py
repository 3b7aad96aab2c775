from . import crm_safety_stock_proposal
