from . import test_history_batch
from . import test_history_file
from . import test_warehouse_contract
from . import test_warehouse_facts
from . import test_warehouse_first_load
from . import test_warehouse_load
from . import test_warehouse_security
from . import test_warehouse_invoice_sale
