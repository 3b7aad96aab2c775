from . import product_planning_mode_mixin
