from . import test_tier
from . import test_tier_security
from . import test_tier_service
