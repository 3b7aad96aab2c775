"""Pure functions that turn the measures of a customer, a deal or a period into numbers.

Nothing here knows Odoo: no environment, no cursor, no clock, no random number without a seed. A model
reads rows, hands plain values to a function of this package and writes the result back, so each number
can be worked by hand and tested without a database.

The laws of the package:

- ``*_score`` is better when higher, ``*_error`` is better when lower;
- a missing history gives ``None``, neither 0 nor an average;
- "today" is an argument;
- every constant of a formula has a name, a unit and a source beside it.

One family of functions is one module. There is none yet.
"""
