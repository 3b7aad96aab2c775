# The sales warehouse: facts, their sources, the load, and the history of other systems
from . import warehouse

# Decisions: what was found, what is done about it, and what it brought; what follows has rows to decide about
from . import decision

# The 7P: measures of each customer, scores, and the runs that make them
from . import seven_p

# Two months or two customers side by side, and why a score changed
from . import comparison

# Profit: beside the general ledger, and per customer and product
from . import profit

# What is said of all customers together: cohorts, baskets, attribution
from . import population

# Pyramids of value: tiers, months, movers, value at risk
from . import pyramid

# ABC/XYZ: classes of customers, products, suppliers, channels and salespersons
from . import classification

# What campaigns cost, and what they cause
from . import campaign

# Segments: customers who have something in common, by rules, clusters or by hand
from . import segment

# What the roadmap measures of the warehouse, the scores and the campaigns
from . import roadmap

# The market: white space, market size and share, series of competitors and of the economy
from . import market

# Models of Odoo that this addon extends
from . import inherited
