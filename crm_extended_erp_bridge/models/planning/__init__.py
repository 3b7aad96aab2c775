from . import crm_planner_page
from . import crm_planner_section_mixin
from . import crm_planning_release_rule
from . import mrp_planned_order_release_mixin
from . import product_planning_mode_mixin
