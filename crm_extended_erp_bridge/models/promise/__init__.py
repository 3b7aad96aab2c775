# what the schedule needs to know
from . import crm_promise_capacity_mixin
from . import crm_promise_availability_mixin
from . import crm_promise_reader

# the answer in words
from . import crm_promise_cause

# where it is shown and kept
from . import sale_order_line_promise_mixin
from . import sale_order_promise_mixin
from . import crm_order_risk_cause_mixin
from . import crm_order_risk
