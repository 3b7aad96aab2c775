from . import test_pyramid_supplier
