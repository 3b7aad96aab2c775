from . import test_abc_engine
from . import test_abc_page
from . import test_abc_property
from . import test_abc_security
