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
    run_database     the database that a person works on
    context          all of the above in one object
    server           one Odoo server process: start, wait, call, stop

Commands
    cli              `./dev --help`
    commands/        one module for each subcommand
    modules          finds and runs the modules of bench/ and load/
    bench/           one module for each benchmark
    load/            one module or package for each data set
    lint/            the checks of `./dev lint`, one module for each subject
    odoo_suite       Odoo's own tests without and with our addons
    odoo_log         which records of a log are ours
    translations_run exports the terms and calls translations

Run inside the environment, not inside `dev`
    pytest_crm_extended  pytest plugin: each test once, our warnings are failures
    shell_runner         runs a module of bench/ or load/ in an Odoo environment
    translations         compares and merges the translations
    browser, screenshot  headless Chromium by its DevTools protocol

What runs inside `dev` needs the standard library only.
"""
