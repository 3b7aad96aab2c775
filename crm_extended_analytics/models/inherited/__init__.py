from . import base_partner_merge_automatic_wizard
from . import product_product
from . import product_template
from . import res_partner
from . import utm_campaign
