from . import test_safety_stock
