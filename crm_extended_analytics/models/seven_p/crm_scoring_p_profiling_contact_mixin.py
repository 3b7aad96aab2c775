from odoo import models
from odoo.tools import SQL

# share of the sales, in percent, from which on one contact is a risk that is said
CONCENTRATED = 50


class CrmScoringPProfilingContactMixin(models.AbstractModel):
    """What Profiling says of the people behind a customer: on whom his orders hang, and what he is interested in."""

    _name = "crm.scoring.p.profiling.contact.mixin"
    _description = "Contacts in Profiling"

    def _get_contact_columns(self):
        return {
            "_contact_sales": SQL("contact.amount"),
            "top_contact_id": SQL("contact.contact_id"),
            "interests": SQL("interest.names"),
        }

    def _get_contact_joins(self, scope):
        """Return the joins with the contact of the largest sales, and with the tags.

        Sales to the company itself name nobody, so that only those to a contact are read.
        """
        return SQL(
            """
            LEFT JOIN (
                SELECT DISTINCT ON (customer_id) customer_id, contact_id, amount
                  FROM (SELECT commercial_partner_id AS customer_id, partner_id AS contact_id,
                               SUM(amount_company)::float8 AS amount
                          FROM crm_fact_sale WHERE %(facts)s AND partner_id <> commercial_partner_id
                         GROUP BY 1, 2) bought
                 ORDER BY customer_id, amount DESC, contact_id) contact ON contact.customer_id = p.id
            LEFT JOIN (
                SELECT rel.partner_id, jsonb_agg(category.name ORDER BY category.id) AS names
                  FROM res_partner_res_partner_category_rel rel
                  JOIN res_partner_category category ON category.id = rel.category_id AND category.active
                 WHERE %(tagged)s GROUP BY rel.partner_id) interest ON interest.partner_id = p.id
            """,
            facts=scope.facts(since=scope.since),
            tagged=scope.partners(SQL("rel.partner_id")),
        )

    def _get_contact_share(self):
        """Return the share of the contact in the sales of the window, of what was measured."""
        return {"contact_share": self._ratio(SQL("_contact_sales"), SQL("_sold"))}

    def _explain_contacts(self, row):
        found = []
        if row["contact_share"] is not None and row["contact_share"] >= CONCENTRATED:
            found.append(("contact", {"share": round(row["contact_share"])}))
        if row["interests"]:
            found.append(("interests", {"interests": self._get_interests(row["interests"])}))
        return found

    def _get_interests(self, names):
        """Return the tags in the reader's language: they are kept with their translations."""
        lang = self.env.lang or "en_US"
        return ", ".join(name.get(lang) or name.get("en_US") or next(iter(name.values())) for name in names)

    def _get_contact_sentences(self):
        return {
            "contact": self.env._(
                "%(share)s %% of the sales go through one contact: should that person leave, they are at risk."
            ),
            "interests": self.env._("Interested in: %(interests)s."),
        }
