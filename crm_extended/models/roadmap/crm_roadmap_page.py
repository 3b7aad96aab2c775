from odoo import api, models
from odoo.tools import format_date

EDITORS = "crm_extended.crm_extended_group_implementer"
# places of a stage on the road of a company, as the page colours them
DONE, HERE, NEXT, LATER = "done", "here", "next", "later"


class CrmRoadmapPage(models.AbstractModel):
    """What the picture of the road shows of the company one works in: where it is, what is missing, what comes."""

    _name = "crm.roadmap.page"
    _description = "Picture of the Roadmap"

    @api.model
    def get_page(self):
        """Return the road of the user's company: its stages with criteria and features, and its units."""
        company = self.env.company
        steps = self.env["crm.roadmap.step"]
        steps.browse().check_access("read")
        stages = self.env["crm.roadmap.stage"].search([])
        units = self.env["crm.roadmap.unit"].search([("company_id", "=", company.id)])
        criteria = stages.criterion_ids.filtered(lambda criterion: criterion.company_id in (company, company.browse()))
        last = self.env["crm.roadmap.result"]._get_last(criteria, company, units)
        taken = {
            step.stage_id: step for step in steps.search([("company_id", "=", company.id), ("left_on", "=", False)])
        }
        return {
            "company": company.name,
            "has_started": bool(taken),
            "can_edit": self.env.user.has_group(EDITORS),
            "measured_on": self._get_measured_on(last),
            "stages": [
                self._prepare_stage(stage, place, taken.get(stage), criteria, last)
                for stage, place in zip(stages, self._get_places(stages, taken), strict=True)
            ],
            "gate": self._prepare_gate(company, taken),
            "units": [self._prepare_unit(unit, stages, criteria, last) for unit in units],
        }

    def _get_measured_on(self, last):
        days = [result.date for result in last.values()]
        return format_date(self.env, max(days)) if days else False

    def _get_places(self, stages, taken):
        """Return the place of each stage: the last one entered is where the company is."""
        entered = [index for index, stage in enumerate(stages) if stage in taken]
        here = max(entered, default=-1)
        return [
            DONE if index < here else HERE if index == here else NEXT if index == here + 1 else LATER
            for index in range(len(stages))
        ]

    # ------------------------------------------------------------------
    # Stages
    # ------------------------------------------------------------------
    def _prepare_stage(self, stage, place, step, criteria, last):
        mine = criteria.filtered(lambda criterion: criterion.stage_id == stage)
        company = self.env.company
        results = {criterion: last.get((criterion.id, company.id, None)) for criterion in mine}
        return {
            "id": stage.id,
            "name": stage.name,
            "level": stage.level or "",
            "purpose": stage.purpose or "",
            "place": place,
            "step_id": step.id if step else False,
            "entered_on": format_date(self.env, step.entered_on) if step else False,
            "override": step.override_reason if step and step.is_override else False,
            "signed": self._get_signature(step),
            "slipped_on": format_date(self.env, step.slipped_on) if step and step.slipped_on else False,
            "progress": self._get_progress(results),
            "reached": sum(self._holds(result) for result in results.values()),
            "criteria": [self._prepare_criterion(criterion, result) for criterion, result in results.items()],
            "features": self._prepare_features(stage),
        }

    def _get_signature(self, step):
        if not step or not step.signed_on:
            return False
        # `sudo`: who signed is no secret to who may read the road
        return self.env._(
            "Signed off by %(user)s on %(date)s",
            user=step.signed_by.sudo().name,
            date=format_date(self.env, step.signed_on),
        )

    @api.model
    def _holds(self, result):
        return bool(result) and result.state in ("passed", "tolerated")

    @api.model
    def _get_progress(self, results):
        """Return the weight of the criteria that hold / weight of all, in percent; None without weights."""
        whole = sum(criterion.weight for criterion in results)
        part = sum(criterion.weight for criterion, result in results.items() if self._holds(result))
        return 100.0 * part / whole if whole else None

    def _prepare_criterion(self, criterion, result):
        return {
            "id": criterion.id,
            "name": criterion.name,
            "question": criterion.question or "",
            "state": result.state if result else "new",
            "text": criterion._get_text(result) if result else self.env._("not measured yet"),
            "target": criterion._get_target_text(),
            "is_gate": criterion.is_gate,
            # `sudo`: the name of an owner is no secret to who may read the road
            "owner": criterion.owner_id.sudo().name or "",
        }

    def _prepare_features(self, stage):
        # `sudo`: the registry is for implementers; which features a company has is for everybody who reads its road
        states = self.env["crm.roadmap.feature"]._get_company_states(self.env.company.id)
        return [
            {"id": feature.id, "name": feature.name, "is_on": states[feature.key]}
            for feature in stage.sudo().feature_ids
        ]

    # ------------------------------------------------------------------
    # Gate and units
    # ------------------------------------------------------------------
    def _prepare_gate(self, company, taken):
        steps = self.env["crm.roadmap.step"]
        stage = steps._get_next_stage(company)
        if not stage:
            return False
        criteria, closed = steps._get_gate(company, stage)
        return {
            "stage_id": stage.id,
            "stage": stage.name,
            "is_open": not closed,
            "count": len(criteria),
            "closed": [{"id": criterion.id, "name": criterion.name} for criterion in closed],
        }

    def _prepare_unit(self, unit, stages, criteria, last):
        progress = []
        for stage in stages:
            results = {
                criterion: last[(criterion.id, unit.company_id.id, unit.id)]
                for criterion in criteria
                if criterion.stage_id == stage and (criterion.id, unit.company_id.id, unit.id) in last
            }
            progress.append({"stage_id": stage.id, "progress": self._get_progress(results) if results else None})
        labels = dict(unit._fields["kind"]._description_selection(self.env))
        return {"id": unit.id, "name": unit.name, "kind": labels[unit.kind], "progress": progress}

    # ------------------------------------------------------------------
    # Actions of the page
    # ------------------------------------------------------------------
    @api.model
    def measure(self):
        """Measure all criteria of the user's company now."""
        criteria = self.env["crm.roadmap.criterion"].search([])
        criteria.check_access("write")
        criteria._measure_and_store(self.env.company)
