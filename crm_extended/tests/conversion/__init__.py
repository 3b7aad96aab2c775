from . import test_amounts
from . import test_bad_input
from . import test_confirming_wins
from . import test_lost_proposal
from . import test_policies
from . import test_winning_confirms
from . import test_winning_portal
from . import test_winning_ui
