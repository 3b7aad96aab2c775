"""The foundation of the sales warehouse: it installs what the warehouse reads, and has no model yet."""
