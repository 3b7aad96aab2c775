"""The arithmetic of planning, without Odoo: demand, supply, calendars in; dates and quantities out."""
