"""The arithmetic of planning, without Odoo: demand, supply, calendars in; dates and quantities out.

===============  ====================================================================
`low_level`      in which order products are planned, and circles in their bills
`consumption`    what orders leave of a forecast
`pegging`        which supply serves which demand, when it can be there, what is left
`promise`        the earliest date of a delivery, and what decides it
`capacity`       the hours of an order, and the weeks they fall into
`safety_stock`   the stock that covers a swinging demand
===============  ====================================================================
"""
