"""The data sets of `./dev load`: one module or package each.

It has a docstring whose first line `--list` shows, `add_arguments(parser)` and
`run(env, args)`, which returns 0 or an exit code. `env` is an Odoo environment of
the administrator on the run database, committed after a run that returned 0; a
large load commits on its own as it goes. Odoo is imported inside the functions:
the options are read by a Python without it.
"""
