from . import test_seven_p_measures
from . import test_seven_p_run
from . import test_seven_p_method
from . import test_seven_p_security
from . import test_seven_p_partner
from . import test_seven_p_robust
from . import test_seven_p_limits
from . import test_seven_p_roles
