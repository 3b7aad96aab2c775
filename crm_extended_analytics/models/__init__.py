# The sales warehouse: facts, their sources, the load, and the history of other systems
from . import warehouse

# Models of Odoo that this addon extends
from . import inherited
