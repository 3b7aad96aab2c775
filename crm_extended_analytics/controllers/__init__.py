from . import employee_figure
