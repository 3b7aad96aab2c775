"""A company that never was, with as many customers as one likes: the data of the benchmarks.

`make(env, size)` writes documents, not results: customers, products, confirmed orders with their lines, invoices and
credit notes, payments, opportunities with their campaigns. It is SQL from one seed, so that two runs give the same
rows: at 200,000 customers the ORM would take a day.

What is like in life: few customers buy much and most buy once or twice, some are gone for good, the last weeks of a
year are the strongest, few products make most of the turnover, some pay late, a few send goods back.
"""

from .make import make
from .size import Size

__all__ = ["Size", "make"]
