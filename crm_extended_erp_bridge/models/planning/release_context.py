"""What a release of proposals tells the stock rules through the context and the values of a procurement."""

# Context: a RuleMemory while many proposals are released; the same few products are asked for again and again.
RULE_MEMORY = "crm_planning_rule_memory"
# Value of a procurement: its purchase order is confirmed at once, so it must be a new one.
NEW_PURCHASES = "crm_planning_new_purchases"


class RuleMemory:
    """The rules found so far in one release, by everything that decides them.

    An object of its own, not a dict, because a context is compared and hashed.
    """

    def __init__(self):
        self.rules = {}
