from . import test_decision_kinds
from . import test_decision_measure
from . import test_decision_page
from . import test_decision_security
from . import test_decision_size
from . import test_decision_start
from . import test_decision_verdict
