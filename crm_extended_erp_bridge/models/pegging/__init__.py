# reading the plan, following a release, and the trees, as parts of the model
from . import crm_pegging_read_mixin
from . import crm_pegging_release_mixin
from . import crm_pegging_tree_mixin
from . import crm_pegging

# what a cancelled or reduced order leaves without purpose
from . import crm_demand_change_source_mixin
from . import crm_demand_change

# parts of Odoo's documents
from . import crm_pegging_link_mixin
