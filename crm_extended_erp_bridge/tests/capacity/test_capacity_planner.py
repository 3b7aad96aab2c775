import doctest
from datetime import date

from odoo.tests import BaseCase, tagged

from ...planner import capacity

MON, FRI, NEXT_MON = date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 9)


@tagged("post_install", "-at_install")
class TestCapacityPlanner(BaseCase):
    """The arithmetic of the load, worked by hand."""

    def test_examples_in_the_docstrings(self):
        self.assertEqual(doctest.testmod(capacity).failed, 0)

    def test_a_last_cycle_that_is_not_full_takes_its_whole_time(self):
        """9 pieces, 4 at a time: 3 cycles of 20 minutes."""
        self.assertEqual(capacity.operation_minutes(9, batch=4, minutes_per_cycle=20), 60.0)

    def test_a_quotient_of_binary_fractions_is_no_cycle_more(self):
        """0.3 / 0.1 is 2.9999999999999996, and 0.6 / 0.2 as well: three cycles each, not four."""
        self.assertEqual(capacity.operation_minutes(0.3, batch=0.1, minutes_per_cycle=10), 30.0)
        self.assertEqual(capacity.operation_minutes(1.1 * 3, batch=1.1, minutes_per_cycle=10), 30.0)

    def test_efficiency_is_of_the_work_not_of_the_setup(self):
        """10 + 2 x 30 / 0.5 + 5 minutes."""
        minutes = capacity.operation_minutes(2, batch=1, minutes_per_cycle=30, setup=10, cleanup=5, efficiency_pct=50)
        self.assertEqual(minutes, 135.0)

    def test_no_capacity_is_refused_with_the_numbers(self):
        for batch, efficiency in ((0, 100), (1, 0)):
            with self.assertRaisesRegex(ValueError, f"batch {batch}, efficiency {efficiency} %"):
                capacity.operation_minutes(1, batch=batch, minutes_per_cycle=1, efficiency_pct=efficiency)

    def test_within_one_week_nothing_is_shared(self):
        self.assertEqual(capacity.spread(12, MON, FRI, {}), {MON: 12})

    def test_a_shorter_day_takes_less(self):
        """Friday 4 hours, Monday 8: of 6 hours 2 and 4."""
        self.assertEqual(capacity.spread(6, FRI, NEXT_MON, {FRI: 4, NEXT_MON: 8}), {MON: 2.0, NEXT_MON: 4.0})

    def test_a_holiday_takes_nothing(self):
        self.assertEqual(capacity.spread(6, FRI, NEXT_MON, {NEXT_MON: 8}), {NEXT_MON: 6.0})

    def test_without_a_working_day_the_work_is_not_lost(self):
        """Friday, Saturday, Sunday in one week, Monday in the next: 3 quarters and 1."""
        self.assertEqual(capacity.spread(8, FRI, NEXT_MON, {}), {MON: 6.0, NEXT_MON: 2.0})

    def test_an_order_that_ends_before_it_starts_counts_where_it_starts(self):
        self.assertEqual(capacity.spread(8, NEXT_MON, MON, {}), {NEXT_MON: 8})

    def test_no_slack_is_never_less_than_none(self):
        self.assertEqual(capacity.days_of_slack(FRI, needed=MON, unpegged=365), 0)

    def test_what_serves_nobody_can_wait(self):
        self.assertEqual(capacity.days_of_slack(FRI, needed=None, unpegged=365), 365)
