from odoo import models
from odoo.tools import SQL

from ...scoring import similarity

# share of the customers that are the best
BEST_SHARE = 0.1
# customers and best customers below which nothing is said
LEAST_CUSTOMERS, LEAST_BEST = 50, 5
# prospects that are kept, the most alike first
KEPT = 1000


class CrmPopulationReportLookalike(models.AbstractModel):
    """Contacts and leads without any order, ranked by their likeness to the best tenth of the customers.

    Only what is known of both is compared: country, industry, company or person, source and tags. The best are those
    with the highest lifetime value, else the highest sales. Who objects to profiling is on neither side.
    """

    _name = "crm.population.report.lookalike"
    _inherit = ["crm.population.report"]
    _description = "Look-Alikes (Analysis)"
    _report_code = "lookalike"
    _report_sequence = 63

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.touch", "crm.fact.interaction")

    def _get_models(self):
        """Return ``{attribute: model of its values}``."""
        return {
            "country": "res.country",
            "industry": "res.partner.industry",
            "source": "utm.source",
            "tag": "res.partner.category",
        }

    def _rebuild(self, run):
        rows = self.env["crm.lookalike"]
        rows._forget_rows(run)
        evidence = self._get_evidence(run)
        if evidence:
            rows._add(run, self._get_rows(run, evidence))

    # ------------------------------------------------------------------
    # What tells the best from the others
    # ------------------------------------------------------------------
    def _get_evidence(self, run):
        """Return rows (attribute, value, weight, share of the best, share of all), or none when there are too few."""
        counted = self._count_values(run)
        ((customers, best),) = counted.pop(None, [(0, 0)])[:1] or [(0, 0)]
        if customers < LEAST_CUSTOMERS or best < LEAST_BEST:
            return []
        found = []
        for attribute, rows in counted.items():
            everybody = {value: count for value, count, _best in rows}
            of_best = {value: number for value, _count, number in rows}
            known = similarity.evidence(everybody, of_best, customers=customers, best_customers=best)
            found += [
                (attribute, value, weight, 100 * best_share, 100 * all_share)
                for value, (weight, best_share, all_share) in known.items()
            ]
        return found

    def _count_values(self, run):
        """Return ``{attribute: [(value, customers, best customers)]}``; under None the number of both."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH customer AS (
                    SELECT m.partner_id, percent_rank() OVER (
                           ORDER BY COALESCE(m.clv, m.rfm_money) DESC NULLS LAST, m.partner_id) < %(share)s AS is_best
                      FROM crm_customer_measure m WHERE %(rows)s AND m.first_date IS NOT NULL)
                SELECT part.attribute, part.value, COUNT(DISTINCT customer.partner_id),
                       COUNT(DISTINCT customer.partner_id) FILTER (WHERE is_best)
                  FROM customer JOIN (%(attributes)s) part ON part.partner_id = customer.partner_id
                 GROUP BY 1, 2
                 UNION ALL
                SELECT NULL, NULL, COUNT(*), COUNT(*) FILTER (WHERE is_best) FROM customer
                """,
                share=BEST_SHARE,
                rows=run._get_scope().rows(),
                attributes=self._get_partner_attributes(run),
            )
        )
        found = {}
        for attribute, value, count, best in rows:
            found.setdefault(attribute, []).append((value, count, best) if attribute else (count, best))
        return found

    def _get_partner_attributes(self, run):
        """Return SQL of (contact, attribute, value) of all commercial entities; the source is of the first touch."""
        return SQL(
            """
            SELECT partner.id AS partner_id, part.attribute, part.value
              FROM res_partner partner
             CROSS JOIN LATERAL (VALUES ('country', partner.country_id), ('industry', partner.industry_id),
                                        ('company', partner.is_company::int)) part (attribute, value)
             WHERE part.value IS NOT NULL AND partner.id = partner.commercial_partner_id
             UNION ALL
            (SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id, 'source', source_id
               FROM crm_fact_touch
              WHERE company_id = %(company)s AND date <= %(as_of)s AND source_id IS NOT NULL
                AND commercial_partner_id IS NOT NULL
              ORDER BY commercial_partner_id, date, id)
             UNION ALL
            SELECT partner_id, 'tag', category_id FROM res_partner_res_partner_category_rel
            """,
            company=run.company_id.id,
            as_of=run.as_of,
        )

    # ------------------------------------------------------------------
    # Prospects
    # ------------------------------------------------------------------
    def _get_rows(self, run, evidence):
        """Return SQL of the prospects that are most alike, each with the evidence that is known of him."""
        columns = list(zip(*evidence, strict=True))
        base = BEST_SHARE / (1 - BEST_SHARE)
        return SQL(
            """
            WITH evidence AS (
                SELECT * FROM unnest(%(attributes)s::varchar[], %(values)s::int[], %(weights)s::float8[],
                                     %(bests)s::float8[], %(alls)s::float8[])
                              known (attribute, value, weight, best, share)),
                 prospect AS MATERIALIZED (%(prospects)s),
                 known AS (
                SELECT prospect.key, part.attribute, part.value
                  FROM prospect JOIN (%(partner_attributes)s) part ON part.partner_id = prospect.partner_id
                 UNION ALL
                SELECT prospect.key, part.attribute, part.value
                  FROM prospect JOIN crm_lead lead ON lead.id = prospect.lead_id
                 CROSS JOIN LATERAL (VALUES ('country', lead.country_id), ('source', lead.source_id),
                                            ('company', CASE WHEN lead.partner_name > '' THEN 1 END))
                            part (attribute, value)),
                 judged AS (
                SELECT key, SUM(weight) AS weight,
                       jsonb_agg(jsonb_build_array(attribute, value, best, share)
                                 ORDER BY weight DESC, attribute, value) AS reasons
                  FROM known JOIN evidence USING (attribute, value)
                 GROUP BY key ORDER BY weight DESC, key LIMIT %(kept)s)
            SELECT prospect.partner_id, prospect.lead_id, prospect.name, prospect.user_id, prospect.country_id,
                   prospect.industry_id, 100 / (1 + exp(-judged.weight) / %(base)s::float8) AS likeness_pct,
                   (SELECT COUNT(*) FROM crm_fact_interaction contact
                     WHERE contact.company_id = %(company)s AND contact.date <= %(as_of)s
                       AND contact.commercial_partner_id = prospect.partner_id) AS interaction_count,
                   judged.reasons
              FROM judged JOIN prospect USING (key)
            """,
            attributes=list(columns[0]),
            values=list(columns[1]),
            weights=list(columns[2]),
            bests=list(columns[3]),
            alls=list(columns[4]),
            prospects=self._get_prospects(run),
            partner_attributes=self._get_partner_attributes(run),
            kept=KEPT,
            base=base,
            company=run.company_id.id,
            as_of=run.as_of,
        )

    def _get_prospects(self, run):
        """Return SQL of contacts that never bought, without colleagues and suppliers, and of leads without one."""
        return SQL(
            """
            SELECT partner.id AS key, partner.id AS partner_id, NULL::int AS lead_id, partner.name,
                   partner.user_id, partner.country_id,
                   partner.industry_id
              FROM res_partner partner
             WHERE partner.id = partner.commercial_partner_id AND partner.active
               AND partner.crm_profiling_opt_out IS NOT TRUE
               AND (partner.company_id IS NULL OR partner.company_id = %(company)s)
               AND NOT (COALESCE(partner.supplier_rank, 0) > 0 AND COALESCE(partner.customer_rank, 0) = 0)
               AND NOT EXISTS (SELECT FROM res_users account
                                WHERE account.partner_id = partner.id AND NOT account.share)
               AND NOT EXISTS (SELECT FROM res_company own WHERE own.partner_id = partner.id)
               AND NOT EXISTS (SELECT FROM crm_fact_sale fact
                                WHERE fact.company_id = %(company)s AND fact.commercial_partner_id = partner.id)
             UNION ALL
            SELECT -lead.id, NULL, lead.id, COALESCE(NULLIF(lead.partner_name, ''), NULLIF(lead.contact_name, ''),
                   lead.name), lead.user_id, lead.country_id, NULL
              FROM crm_lead lead
             WHERE lead.partner_id IS NULL AND lead.active AND lead.won_status = 'pending'
               AND (lead.company_id IS NULL OR lead.company_id = %(company)s)
            """,
            company=run.company_id.id,
        )
