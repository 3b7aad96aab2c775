"""The AdventureWorks records in Odoo, one module a subject; everything through the ORM."""
