"""What reads apps of Odoo that none of our addons needs: the tests that are left out elsewhere run here, with them."""

import os
import re

import pytest

APPS = "project,rating,hr,hr_skills,mass_mailing"
# the tests that skip themselves, or end early, without the apps
TESTS = (
    "TestPyramidSatisfactionCustomer",
    "TestPyramidSatisfactionPartner",
    "TestPyramidSatisfactionEmployee",
    "TestServiceProfitChain",
    "TestPyramidEmployeeSecurity.test_human_resources_see_all",
    "TestPyramidEmployeeKnowledge.test_skills_and_courses",
    "TestDecisionKinds.test_mailing_to_the_treated_only",
    "TestCampaignStop.test_mailings_that_wait_are_taken_back",
)


@pytest.mark.slow
def test_apps_of_odoo_that_are_optional(committed_database, odoo_cli):
    """Ratings, tasks, wages and mailings: installed beside our addons, and none of the tests is left out."""
    database = committed_database()
    odoo_on = ("-c", os.environ["CRMX_ODOO_CONF"], "-d", database, "--stop-after-init", "--no-http")
    odoo_cli(*odoo_on, "--log-level=warn", "-i", APPS)
    tags = ",".join(f"/crm_extended_analytics:{name}" for name in TESTS)
    log = odoo_cli(*odoo_on, "--log-level=warn", "--log-handler=odoo.tests.result:INFO", "--test-tags", tags)
    failed, errors, count = map(int, re.search(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", log).groups())
    assert (failed, errors) == (0, 0), log[-3000:]
    assert count >= len(TESTS)
    assert "skipped" not in log.lower(), log[-3000:]
