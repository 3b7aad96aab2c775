import doctest
import importlib
import inspect
import pkgutil

from ... import scoring
from .common_scoring import BaseCase, tagged

SECTIONS = ("Parameters\n", "Returns\n", "Raises\n", "Example\n", "Source\n", ">>> ")


def modules():
    """Return every module of the package."""
    names = sorted(found.name for found in pkgutil.iter_modules(scoring.__path__))
    return [importlib.import_module(f"{scoring.__name__}.{name}") for name in names]


@tagged("post_install", "-at_install")
class TestScoringDocstrings(BaseCase):
    def test_examples(self):
        """The examples in the docstrings are right."""
        for module in modules():
            with self.subTest(module.__name__):
                results = doctest.testmod(module)
                self.assertTrue(results.attempted, "The module has no example.")
                self.assertFalse(results.failed)

    def test_every_function_says_what_it_is(self):
        """Each public function has all sections, with an example and the source of its formula."""
        for module in modules():
            self.assertTrue(module.__doc__, module.__name__)
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if name.startswith("_") or function.__module__ != module.__name__:
                    continue
                lacking = [section.strip() for section in SECTIONS if section not in (function.__doc__ or "")]
                self.assertFalse(lacking, f"{module.__name__}.{name}")

    def test_options_are_keywords(self):
        """Whatever has a default is given by name, so that a call reads like a sentence."""
        for module in modules():
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if name.startswith("_") or function.__module__ != module.__name__:
                    continue
                options = [
                    option.name
                    for option in inspect.signature(function).parameters.values()
                    if option.default is not option.empty and option.kind is not option.KEYWORD_ONLY
                ]
                self.assertEqual(options, [], f"{module.__name__}.{name}")
