# Features and adoption stages
from . import roadmap

# Quotations and opportunities that move together
from . import conversion

# Tiers of customers, and how those in them are served
from . import tier

# Models of Odoo that this addon extends
from . import inherited
