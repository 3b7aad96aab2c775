from . import test_conversion
from . import test_money
from . import test_performance
from . import test_production
from . import test_rules
from . import test_tour
