from . import test_warehouse_facts
