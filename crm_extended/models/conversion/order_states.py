"""What the states of ``sale.order`` mean to an opportunity."""

# Still to be decided by the customer, whether or not it has expired meanwhile.
OPEN_STATES = ("draft", "sent")
ORDERED_STATE = "sale"
