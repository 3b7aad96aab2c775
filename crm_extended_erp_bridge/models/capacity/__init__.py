from . import crm_workcenter_availability
from . import crm_workcenter_load_source_mixin
from . import crm_workcenter_load_line
from . import crm_workcenter_load
