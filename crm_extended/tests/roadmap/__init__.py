from . import test_feature
from . import test_feature_access
from . import test_feature_menu
