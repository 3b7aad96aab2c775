from . import test_population_cohort
from . import test_population_whale
