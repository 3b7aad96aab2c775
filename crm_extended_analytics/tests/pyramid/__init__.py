from . import test_pyramid
from . import test_pyramid_page
from . import test_pyramid_security
