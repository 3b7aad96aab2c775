"""The AdventureWorks files as plain Python: read, checked, converted. Knows nothing of Odoo."""
