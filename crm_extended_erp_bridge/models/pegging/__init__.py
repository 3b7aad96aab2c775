# reading the plan and the trees, as parts of the model
from . import crm_pegging_read_mixin
from . import crm_pegging_tree_mixin
from . import crm_pegging
