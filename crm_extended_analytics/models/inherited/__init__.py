from . import base_partner_merge_automatic_wizard
from . import res_partner
from . import utm_campaign
