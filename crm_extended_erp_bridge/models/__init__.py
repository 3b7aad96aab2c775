# One record per confirmed order, followed to its payment
from . import conversion

# What to make and buy, and when
from . import planning

# Which supply serves which order
from . import pegging

# By when an order can be delivered
from . import promise

# Whether the work centres can do it
from . import capacity

# What the classes of products propose for their stock
from . import safety_stock

# What the roadmap measures of orders and plans
from . import roadmap

# Models of Odoo and of the addons this one stands on
from . import inherited
