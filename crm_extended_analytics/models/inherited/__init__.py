from . import base_partner_merge_automatic_wizard
from . import crm_lead
from . import product_product
from . import product_template
from . import res_company
from . import res_partner
from . import sale_order
from . import utm_campaign
