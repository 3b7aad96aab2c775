"""The numerical libraries, asked for at the moment they are needed.

A company that uses no fitted model need not install them: a function that works on plain numbers never
comes here, and one that does says in a sentence what is missing instead of failing at import.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any


class MissingLibrary(ImportError):
    """A library that this calculation needs is not installed on the server: ``name``, as it is installed."""


def load(name: str) -> Any:
    """Return the module of that name, or say what to install.

    Parameters
    ----------
    name:
        Dotted name of the module, for example ``scipy.special``.

    Returns
    -------
    The imported module.

    Raises
    ------
    MissingLibrary
        When the library is not installed.

    Example
    -------
    >>> load("math").sqrt(9)
    3.0
    >>> try:
    ...     load("no_such_library")
    ... except MissingLibrary as error:
    ...     print(str(error)[:61])
    This calculation needs the Python library no_such_library: in

    Source
    ------
    Rule of this package.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise _missing(name) from error


def require(name: str) -> None:
    """Say what to install where a library is missing, without importing it, which takes time and memory.

    Parameters
    ----------
    name:
        Name of the library, as it is imported.

    Returns
    -------
    Nothing.

    Raises
    ------
    MissingLibrary
        When the library is not installed.

    Example
    -------
    >>> require("math")
    >>> try:
    ...     require("no_such_library")
    ... except MissingLibrary as error:
    ...     print(str(error)[:61])
    This calculation needs the Python library no_such_library: in

    Source
    ------
    Rule of this package.
    """
    if find_spec(name) is None:
        raise _missing(name)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra do without threads for a while: on matrices of a few parameters they only wait for each other.

    Parameters
    ----------
    None.

    Returns
    -------
    A context manager, which does nothing where threadpoolctl is not installed: the numbers are the same, and on a
    busy server a fit takes several times as long.

    Raises
    ------
    Nothing of its own.

    Example
    -------
    >>> with one_thread():
    ...     found = 1 + 1
    >>> found
    2

    Source
    ------
    Rule of this package.
    """
    if find_spec("threadpoolctl") is None:
        yield
        return
    with load("threadpoolctl").threadpool_limits(limits=1, user_api="blas"):
        yield


def _missing(name: str) -> MissingLibrary:
    # scikit-learn is imported under another name than it is installed under
    library = {"sklearn": "scikit-learn"}.get(name.partition(".")[0], name.partition(".")[0])
    return MissingLibrary(
        f"This calculation needs the Python library {library}: install it on the server, "
        "or choose a method that does without it.",
        name=library,
    )
