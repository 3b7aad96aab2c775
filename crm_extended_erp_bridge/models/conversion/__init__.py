# rules and documents of the chain
from . import crm_conversion_evidence_mixin
from . import crm_conversion_documents_mixin
from . import crm_conversion_timeline_mixin
from . import crm_conversion_link_mixin
from . import crm_conversion

# what a quotation needs before it can go to production
from . import sale_order_production_check_mixin
