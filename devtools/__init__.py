"""The parts of `./dev`.

Foundations
    interpreter      picks a Python that Odoo 19 accepts
    console          one line a step, one sentence an error
    layout           where everything lies: the repository and its cache
    locks            file locks, so that two `./dev` do not disturb each other
    processes        what was started, so that it (and nothing else) is stopped
    addons           manifests, content hashes and model names of our addons

Set-up, in this order
    debian           packages fetched with a private apt state, without root
    odoo_source      Odoo 19 from ODOO_SOURCE or from Debian's package
    python_env       the virtual environment with the pinned requirements
    postgres         the embedded or a given PostgreSQL server
    databases        template databases, the installed database, fresh copies
    context          all of the above in one object
    server           one Odoo server process: start, wait, call, stop

Commands
    cli              `./dev --help`
    commands/        one module for each subcommand
    lint/            the checks of `./dev lint`, one module for each subject
    bench/           one module for each benchmark
    load/            one module for each data set that `./dev load` knows

Run inside the environment, not inside `dev`
    pytest_crm_extended  pytest plugin: each test once, our warnings are failures
    odoo_log             which lines of a log are ours
    browser, screenshot  headless Chromium by its DevTools protocol
    shell_runner         runs a bench or load module in an Odoo environment
"""
