"""Stages become records: those that features name by number are made before the features ask for them."""

from psycopg2.extras import Json

# as shipped; what else they say is loaded after the update
STAGES = {"1": "Gather and integrate", "2": "Evaluate", "3": "Customer value decides", "4": "Middle layer"}


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        "CREATE TABLE IF NOT EXISTS crm_roadmap_stage"
        " (id SERIAL PRIMARY KEY, name JSONB, sequence INTEGER, active BOOLEAN)"
    )
    cr.execute("ALTER TABLE crm_roadmap_feature ADD COLUMN IF NOT EXISTS shipped_stage_id INTEGER")
    for number, name in STAGES.items():
        cr.execute(
            "INSERT INTO crm_roadmap_stage (name, sequence, active) VALUES (%s, %s, TRUE) RETURNING id",
            (Json({"en_US": name}), 10 * int(number)),
        )
        (stage_id,) = cr.fetchone()
        cr.execute(
            "INSERT INTO ir_model_data (module, name, model, res_id, noupdate)"
            " VALUES ('crm_extended', %s, 'crm.roadmap.stage', %s, TRUE)",
            (f"crm_roadmap_stage_{number}", stage_id),
        )
        cr.execute("UPDATE crm_roadmap_feature SET shipped_stage_id = %s WHERE stage = %s", (stage_id, number))
