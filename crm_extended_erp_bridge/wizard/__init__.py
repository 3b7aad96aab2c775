from . import crm_workcenter_load_move
