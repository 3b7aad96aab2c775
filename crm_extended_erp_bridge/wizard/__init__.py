from . import crm_planning_mode_switch
from . import crm_planning_mode_switch_line
from . import crm_workcenter_load_move
