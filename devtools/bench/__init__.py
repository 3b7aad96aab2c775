"""The benchmarks of `./dev bench`: one module each.

A module has a docstring whose first line `--list` shows, `run(env, args)` that
returns a dict (printed as the last line, in JSON) and, if it has options,
`add_arguments(parser)`. `env` is an Odoo environment on a fresh copy of the
installed database that is dropped afterwards, so a benchmark may commit. Odoo is
imported inside the functions: the options are read by a Python without it.
"""
