from odoo import api, fields, models
from odoo.tools import SQL

from ..customer_scope import could_buy
from ..database_settings import hash_joins, use_memory


class CrmSegmentEngine(models.AbstractModel):
    """Who belongs to a segment: its rules as one statement over measures, scores, tiers and contacts.

    Customers are commercial entities that are not archived. Rules hold for the company of the segment, whoever asks:
    contacts are looked up without the rights of the reader. Rules within an alternative must all be met, and one
    alternative is enough. Whoever objects to profiling meets rules on his attributes only.
    """

    _name = "crm.segment.engine"
    _description = "Who Belongs to a Segment"

    def _get_evaluation(self):
        """Return SQL of the ids of the customers who meet the rules now; without rules nobody does."""
        self.ensure_one()
        self.env.flush_all()
        period = self._get_period(self.company_id)
        alternatives = [
            SQL("(%s)", SQL(" AND ").join(rules._get_conditions(period)))
            for rules in self.rule_ids.grouped("alternative").values()
        ]
        return SQL(
            "SELECT customer.id AS partner_id FROM %s WHERE %s AND (%s)",
            self._get_sources(self.company_id, period),
            self._get_scope(self.company_id),
            SQL(" OR ").join(alternatives) or SQL("FALSE"),
        )

    @api.model
    def _get_period(self, company):
        """Return the last month that was scored in a company, or None."""
        return self.env["crm.customer.score.month"]._get_last_periods().get(company.id)

    @api.model
    def _get_sources(self, company, period):
        """Return the tables of whose columns the conditions of rules are made."""
        return SQL(
            """
            res_partner customer
            LEFT JOIN crm_customer_measure measure ON measure.partner_id = customer.id
                  AND measure.company_id = %(company)s AND measure.period = %(period)s
            LEFT JOIN crm_customer_score_month score ON score.partner_id = customer.id
                  AND score.company_id = %(company)s AND score.period = %(period)s
            LEFT JOIN crm_tier_assignment stay ON stay.partner_id = customer.id
                  AND stay.company_id = %(company)s AND stay.date_to IS NULL
            """,
            company=company.id,
            period=period,
        )

    @api.model
    def _get_scope(self, company):
        """Return the condition that a contact is a customer, or could become one, of the company."""
        return SQL(
            """
            customer.active AND customer.id = customer.commercial_partner_id
            AND (measure.id IS NOT NULL
                 OR ((customer.company_id IS NULL OR customer.company_id = %s) AND %s))
            """,
            company.id,
            could_buy("customer"),
        )

    def _replace_members(self, select, keep=False, day=None):
        """Make the rows of a SELECT the members of the segment, and note who came and who left.

        :param select: SQL of a column partner_id
        :param keep: members who are not among them stay
        :param day: the day that the members are those of, by default today
        """
        self.ensure_one()
        self.env.flush_all()
        use_memory(self.env.cr)
        day = day or fields.Date.context_today(self)
        with hash_joins(self.env.cr):
            ((joined, left),) = self.env.execute_query(
                SQL(
                    """
                    WITH found AS MATERIALIZED (%(select)s),
                    gone AS (
                        DELETE FROM crm_segment_member member
                         WHERE segment_id = %(segment)s AND NOT %(keep)s
                           AND NOT EXISTS (SELECT FROM found WHERE found.partner_id = member.partner_id)
                     RETURNING id),
                    come AS (
                        INSERT INTO crm_segment_member (segment_id, company_id, partner_id, since)
                        SELECT %(segment)s, %(company)s, partner_id, %(day)s FROM found
                         WHERE NOT EXISTS (
                               SELECT FROM crm_segment_member member
                                WHERE member.segment_id = %(segment)s AND member.partner_id = found.partner_id)
                     RETURNING id)
                    SELECT (SELECT COUNT(*) FROM come), (SELECT COUNT(*) FROM gone)
                    """,
                    select=select,
                    segment=self.id,
                    company=self.company_id.id,
                    day=day,
                    keep=keep,
                )
            )
        self.env["crm.segment.member"].invalidate_model()
        self.invalidate_recordset(["member_ids"])
        self._note_size(day, joined, left)

    def _note_size(self, day, joined=0, left=0):
        """Count the members, and add to the history of a day who came and who left."""
        ((size,),) = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM crm_segment_member WHERE segment_id = %s", self.id)
        )
        # `sudo`: nobody writes the history by hand
        history = self.env["crm.segment.history"].sudo()
        row = history.search([("segment_id", "=", self.id), ("date", "=", day)])
        if row:
            row.write({"size": size, "joined": row.joined + joined, "left": row.left + left})
        else:
            history.create({"segment_id": self.id, "date": day, "size": size, "joined": joined, "left": left})
        # `sudo`: the size is no matter of who may edit the segment
        self.sudo().write({"member_count": size, "date_refreshed": fields.Datetime.now()})
