from . import test_segment
from . import test_segment_cluster
from . import test_segment_rules
from . import test_segment_security
from . import test_segment_use
