"""Pure functions that turn the measures of a customer, a deal or a period into numbers.

Nothing here knows Odoo: no environment, no cursor, no clock, no random number without a seed. A model
reads rows, hands plain values to a function of this package and writes the result back, so each number
can be worked by hand and tested without a database.

The laws of the package:

- ``*_score`` is better when higher, ``*_error`` is better when lower;
- a missing history gives ``None``, neither 0 nor an average (within an array: not-a-number);
- "today" is an argument;
- what looks at everybody (cut-offs, parameters) is apart from what places one customer, so that it can be frozen;
- every constant of a formula has a name, a unit and a source beside it;
- numpy and scipy are asked for when a function needs them (`libraries`), never at import.

One family of functions is one module:

- know and trust: `profiling`, `satisfaction`;
- persistency: `rfm`, `bg_nbd`, `pareto_nbd`, `bg_bb`, `sbg`, `kaplan_meier`, `lateness`, `cohort`;
- profitability: `profit`, `gamma_gamma`, `clv`, `grades`, `interval`;
- performance and market: `growth`, `wallet`, `velocity`, `peers`, `white_space`, `correlation`;
- prospecting and forecasts: `similarity`, `forecast_simple`, `bass`, `accuracy`, `calibration`;
- product: `basket`, `abc_xyz`;
- segments: `clusters`;
- promotion and decisions: `attribution`, `uplift`, `student`, `romi`, `budget`, `decision`;
- pyramid and scores: `pyramid`, `people`, `score_scale`, `step_scale`, `score_change`;
- shared: `fitting` (maximum likelihood), `checks`, `libraries`.
"""
