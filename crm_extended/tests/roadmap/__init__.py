from . import test_benefit
from . import test_criterion
from . import test_feature
from . import test_feature_access
from . import test_feature_menu
from . import test_measures
from . import test_onboarding
from . import test_step
