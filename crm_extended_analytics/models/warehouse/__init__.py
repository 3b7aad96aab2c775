# What every fact has
from . import crm_fact_dimension_mixin
from . import crm_fact_mixin
from . import crm_fact_amount_mixin
from . import crm_fact_product_mixin
from . import crm_fact_event_mixin

# Facts
from . import crm_fact_sale
from . import crm_fact_invoice
from . import crm_fact_payment
from . import crm_fact_receivable
from . import crm_fact_opportunity
from . import crm_fact_touch
from . import crm_fact_interaction
from . import crm_fact_return
from . import crm_fact_service
from . import crm_fact_contract

# Where facts come from
from . import crm_warehouse_source
from . import crm_warehouse_source_sale
from . import crm_warehouse_source_invoice
from . import crm_warehouse_source_invoice_sale
from . import crm_warehouse_source_payment
from . import crm_warehouse_source_receivable
from . import crm_warehouse_source_opportunity
from . import crm_warehouse_source_lead_touch
from . import crm_warehouse_source_order_touch
from . import crm_warehouse_source_mailing
from . import crm_warehouse_source_message
from . import crm_warehouse_source_meeting
from . import crm_warehouse_source_credit_note_return
from . import crm_warehouse_source_stock_return
from . import crm_warehouse_source_repair
from . import crm_warehouse_source_ticket
from . import crm_warehouse_source_contract

# How they are loaded and checked
from . import crm_warehouse_change
from . import crm_warehouse_load
from . import crm_warehouse_load_line
from . import crm_warehouse_reconciliation
from . import crm_warehouse_difference

# Sales added up by month, for pivots over millions of lines
from . import crm_sales_month_mixin
from . import crm_sales_month_total_mixin
from . import crm_sales_month_product
from . import crm_sales_month_total
from . import crm_sales_month
from . import crm_sales_month_build

# Past sales of other systems
from . import crm_history_batch
from . import crm_history_batch_column
from . import crm_history_stage
from . import crm_history_match
