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
    def get_board(self):
        """Return the road of the user's company: its stages with criteria and features, and its units."""
        company = self.env.company
        steps = self.env["crm.roadmap.step"]
        steps.browse().check_access("read")
        stages = self.env["crm.roadmap.stage"].search([("active", "=", True)])
        units = self.env["crm.roadmap.unit"].search([("company_id", "=", company.id)])
        criteria = stages.criterion_ids.filtered(lambda criterion: criterion.company_id in (company, company.browse()))
        last = self.env["crm.roadmap.result"]._get_last(criteria, company, units)
        taken = {
            step.stage_id: step for step in steps.search([("company_id", "=", company.id), ("left_on", "=", False)])
        }
        return {
            "company": company.name,
            "company_id": company.id,
            "onboarding": self.env["crm.roadmap.onboarding"]._get_panel(),
            "has_started": bool(taken),
            "can_edit": self.env.user.has_group(EDITORS),
            "measured_on": self._get_measured_on(last),
            "stages": [
                self._prepare_stage(stage, place, taken.get(stage), criteria, last)
                for stage, place in zip(stages, self._get_places(stages, taken), strict=True)
            ],
            "gate": self._prepare_gate(company, taken),
            "units": [self._prepare_unit(unit, stages, criteria, last) for unit in units],
            "variables": self._prepare_variables(criteria, last),
            "benefits": self._prepare_benefits(),
            "improvements": self._prepare_improvements(),
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
        """Return the weight of the criteria that hold / weight of all, in percent; None while nothing is measured."""
        if not any(results.values()):
            return None
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
    # People, technology and process; benefits; improvements
    # ------------------------------------------------------------------
    def _prepare_variables(self, criteria, last):
        """Return how the company stands in each of the three, over the criteria of all stages that can be measured."""
        company = self.env.company
        board = []
        for code, label in self.env["crm.roadmap.improvement"]._fields["variable"]._description_selection(self.env):
            mine = criteria.filtered(lambda criterion, code=code: criterion.variable == code)
            results = {criterion: last.get((criterion.id, company.id, None)) for criterion in mine}
            known = {criterion: found for criterion, found in results.items() if found and found.state != "unknown"}
            board.append(
                {
                    "code": code,
                    "label": label,
                    "progress": self._get_progress(known),
                    "unknown": len(results) - len(known),
                    "criteria": [self._prepare_criterion(criterion, found) for criterion, found in known.items()],
                    "notes": self._get_process_notes() if code == "process" else [],
                }
            )
        return board

    def _get_process_notes(self):
        """Return sentences about gates that were skipped and work that is late."""
        company = [("company_id", "=", self.env.company.id)]
        steps = self.env["crm.roadmap.step"].search([*company, ("left_on", "=", False)])
        skipped = len(steps.filtered("is_override"))
        slipped = len(steps.filtered("slipped_on"))
        late = self.env["crm.roadmap.improvement"].search_count([*company, ("is_late", "=", True)])
        return [
            self.env._("Gates skipped: %(count)s", count=skipped),
            self.env._("Stages that slipped: %(count)s", count=slipped),
            self.env._("Improvements that are late: %(count)s", count=late),
        ]

    def _prepare_benefits(self):
        benefits = self.env["crm.roadmap.benefit"].search([("company_id", "=", self.env.company.id)])
        return [
            {
                "id": benefit.id,
                "name": benefit.name,
                "before": benefit._format_value(benefit.baseline) if benefit.baseline_date else "",
                "before_date": format_date(self.env, benefit.baseline_date) if benefit.baseline_date else "",
                "now": benefit._format_value(benefit.value) if benefit.has_value else "",
                "reason": benefit.reason or "",
                "target": benefit._format_value(benefit.target) if benefit.target else "",
                "way": benefit.way_pct if benefit.baseline_date and benefit.has_value and benefit.target else None,
                "is_better": benefit.is_better,
            }
            for benefit in benefits
        ]

    def _prepare_improvements(self):
        """Return the improvements that are under way, and the last ones that ended."""
        improvements = self.env["crm.roadmap.improvement"]
        company = [("company_id", "=", self.env.company.id)]
        shown = improvements.search([*company, ("state", "=", "running")], order="date_deadline, id")
        shown |= improvements.search([*company, ("state", "=", "done")], order="date_done DESC, id DESC", limit=5)
        states = dict(improvements._fields["state"]._description_selection(self.env))
        return [
            {
                "id": improvement.id,
                "name": improvement.name,
                "state": states[improvement.state],
                "is_done": improvement.state == "done",
                "is_late": improvement.is_late,
                "change": improvement.change or "",
                "after": improvement.after or "",
                # `sudo`: the name of an owner is no secret to who may read the road
                "owner": improvement.owner_id.sudo().name or "",
            }
            for improvement in shown
        ]

    # ------------------------------------------------------------------
    # Actions of the page
    # ------------------------------------------------------------------
    @api.model
    def measure(self):
        """Measure all criteria of the user's company now."""
        criteria = self.env["crm.roadmap.criterion"].search([("active", "=", True)])
        criteria.check_access("write")
        criteria._measure_and_store(self.env.company)
        self.env["crm.roadmap.benefit"].search([("company_id", "=", self.env.company.id)])._measure_now()
