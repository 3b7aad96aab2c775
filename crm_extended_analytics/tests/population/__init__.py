from . import test_population_cohort
from . import test_population_whale
from . import test_attribution
from . import test_population_basket
from . import test_population_switch
from . import test_population_gap
from . import test_population_product
from . import test_population_security
