# The sales warehouse: facts, their sources, the load, and the history of other systems
from . import warehouse

# The 7P: measures of each customer, scores, and the runs that make them
from . import seven_p

# Two months or two customers side by side, and why a score changed
from . import comparison

# What is said of all customers together: cohorts, baskets, attribution
from . import population

# Models of Odoo that this addon extends
from . import inherited
