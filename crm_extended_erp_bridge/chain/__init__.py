"""The rules of the chain, without Odoo: facts of the documents in, one answer out.

=============================  =======================================================
:func:`conversion_state`       where a deal stands
:func:`find_bottleneck`        what it waits for, and the document that holds it up
:func:`days_late`              by how many calendar days it misses its dates
:func:`find_cycle`             a circle in bills of materials
=============================  =======================================================
"""

from .bom_graph import find_cycle
from .bottleneck import Bottleneck, Document, find_bottleneck
from .evidence import Evidence, conversion_state
from .lateness import days_late, is_planned_late

__all__ = [
    "Bottleneck",
    "Document",
    "Evidence",
    "conversion_state",
    "days_late",
    "find_cycle",
    "find_bottleneck",
    "is_planned_late",
]
