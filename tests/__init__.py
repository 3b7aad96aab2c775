"""Tests across addons and of the repository itself; those of an addon are in the addon."""
