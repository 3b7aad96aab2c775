"""A database that ran the addons before there was a roadmap: after the update every feature in use is still there."""

import os

import psycopg2
import pytest

# As version 19.0.1.0.0 left the database, as far as the roadmap is concerned
BEFORE = """
ALTER TABLE crm_roadmap_feature ADD COLUMN stage VARCHAR;
UPDATE crm_roadmap_feature feature SET stage = (stage.sequence / 10)::text
  FROM crm_roadmap_stage stage WHERE stage.id = feature.shipped_stage_id;
ALTER TABLE crm_roadmap_feature DROP COLUMN stage_id, DROP COLUMN shipped_stage_id, DROP COLUMN moved_stage_id,
  DROP COLUMN stage_sequence;
DROP TABLE crm_roadmap_step, crm_roadmap_result, crm_roadmap_criterion, crm_roadmap_benefit_point,
  crm_roadmap_benefit, crm_roadmap_improvement, crm_roadmap_unit_team_rel, crm_roadmap_unit, crm_roadmap_stage CASCADE;
DELETE FROM ir_model_data
 WHERE model LIKE 'crm.roadmap.%' AND model NOT IN ('crm.roadmap.feature', 'crm.roadmap.feature.pin');
UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = 'crm_extended';
INSERT INTO crm_roadmap_feature_pin (feature_id, company_id, state)
SELECT id, 1, 'off' FROM crm_roadmap_feature WHERE key = 'service_tiers';
"""


@pytest.mark.slow
def test_an_update_keeps_every_feature_that_was_in_use(committed_database, odoo_cli):
    database = committed_database()
    connection = psycopg2.connect(dbname=database)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(BEFORE)
            cursor.execute("SELECT key, default_on, stage FROM crm_roadmap_feature")
            before = {key: (is_on, stage) for key, is_on, stage in cursor}
        options = ("-c", os.environ["CRMX_ODOO_CONF"], "-d", database, "--no-http")
        odoo_cli(*options, "-u", "crm_extended", "--stop-after-init", "--max-cron-threads=0")
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM crm_roadmap_step")
            assert cursor.fetchone()[0] == 0, "nobody was put on the road"
            cursor.execute(
                """
                SELECT feature.key, stage.sequence / 10, feature.default_on AND pin.id IS NULL
                  FROM crm_roadmap_feature feature JOIN crm_roadmap_stage stage ON stage.id = feature.stage_id
                  LEFT JOIN crm_roadmap_feature_pin pin ON pin.feature_id = feature.id
                """
            )
            after = {key: (is_on, str(stage)) for key, stage, is_on in cursor}
            cursor.execute("SELECT COUNT(*) FROM crm_roadmap_criterion")
            assert cursor.fetchone()[0] > 20, "the shipped criteria are there"
            cursor.execute("SELECT COUNT(*) FROM crm_roadmap_stage WHERE purpose IS NULL")
            assert cursor.fetchone()[0] == 0
    finally:
        connection.close()
    expected = before | {"service_tiers": (False, before["service_tiers"][1])}
    assert after == expected
