from . import test_foundation
from . import test_scoring_purity
from .scoring import *
from .warehouse import *
from .seven_p import *
from .population import *
from .comparison import *
from .profit import *
