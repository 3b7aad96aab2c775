"""Placeholder."""


def run(*a):
    raise NotImplementedError
