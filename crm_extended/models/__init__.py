# Features and adoption stages
from . import roadmap

# Quotations and opportunities that move together
from . import conversion

# Models of Odoo that this addon extends
from . import inherited
