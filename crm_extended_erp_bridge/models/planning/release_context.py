"""What a release of proposals tells Odoo's methods through the context and the values of a procurement."""

# Context: a ReleaseMemory while many proposals are released.
RELEASE_MEMORY = "crm_planning_release_memory"
# Value of a procurement: its purchase order is confirmed at once, so it must be a new one.
NEW_PURCHASES = "crm_planning_new_purchases"


class ReleaseMemory:
    """What was looked up so far in one release.

    A release asks for the rules, bills of materials, reordering rules and stock of the same few products for each of
    its many orders and moves; none of them changes meanwhile. An object of its own, not a dict, because a context is
    compared and hashed.
    """

    def __init__(self):
        self.rules = {}
        self.boms = {}
        self.reordered = {}
        self.stocked = {}
