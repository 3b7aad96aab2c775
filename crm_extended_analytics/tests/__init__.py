from . import test_foundation
from . import test_scoring_purity
from .warehouse import *
