from . import test_pyramid
from . import test_pyramid_employee
from . import test_pyramid_page
from . import test_pyramid_partner
from . import test_pyramid_satisfaction
from . import test_pyramid_security
from . import test_service_profit_chain
from . import test_value_at_risk
