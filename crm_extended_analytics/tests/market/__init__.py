from . import test_white_space
