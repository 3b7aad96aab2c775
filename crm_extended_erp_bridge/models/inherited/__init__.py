from . import account_move
from . import account_payment
from . import crm_lead
from . import crm_roadmap_feature_pin
from . import mrp_production
from . import purchase_order
from . import sale_order
from . import stock_picking
