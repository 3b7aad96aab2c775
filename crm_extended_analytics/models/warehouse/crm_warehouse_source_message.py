from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceMessage(models.AbstractModel):
    """E-mails and comments on documents of a customer, and activities that were done.

    Internal notes and automatic notifications are no contact with the customer.
    """

    _name = "crm.warehouse.source.message"
    _inherit = ["crm.warehouse.source"]
    _description = "Messages and Activities"
    _fact = "crm.fact.interaction"
    _reads = "mail.message"
    _sequence = 60

    def _get_documents(self):
        """Return ``{model: (alias, {name, user_id and team_id: column})}`` of the documents that have a customer."""
        sold = {"name": "name", "user_id": "user_id", "team_id": "team_id"}
        return {
            "crm.lead": ("lead", sold),
            "sale.order": ("sale", sold),
            "account.move": ("invoice", sold | {"user_id": "invoice_user_id"}),
            "res.partner": ("contact", {"name": "complete_name", "user_id": "user_id"}),
        }

    def _document_column(self, name):
        """Return the SQL of the first filled column ``name`` (name, user_id, team_id) of the documents."""
        columns = [
            SQL.identifier(alias, names[name]) for alias, names in self._get_documents().values() if name in names
        ]
        return SQL("COALESCE(%s)", SQL(", ").join(columns))

    def _partner(self):
        columns = [
            SQL.identifier(alias, "id" if model == "res.partner" else "partner_id")
            for model, (alias, _names) in self._get_documents().items()
        ]
        return SQL("COALESCE(%s)", SQL(", ").join(columns))

    def _key(self):
        return SQL("message.id")

    def _company(self):
        columns = [SQL.identifier(alias, "company_id") for alias, _names in self._get_documents().values()]
        return SQL("COALESCE(%s, message.record_company_id, author.company_id)", SQL(", ").join(columns))

    def _from(self):
        joins = [
            SQL(
                "LEFT JOIN %(table)s %(alias)s ON message.model = %(model)s AND %(alias)s.id = message.res_id",
                table=SQL.identifier(self.env[model]._table),
                alias=SQL.identifier(alias),
                model=model,
            )
            for model, (alias, _names) in self._get_documents().items()
        ]
        return SQL(
            """
            mail_message message
            LEFT JOIN mail_activity_type activity ON activity.id = message.mail_activity_type_id
            LEFT JOIN res_users author ON author.id = message.create_uid
            %s %s
            """,
            SQL(" ").join(joins),
            self._party_from(self._partner()),
        )

    def _where(self):
        return SQL(
            """
            message.model IN %(models)s AND p.id IS NOT NULL
            AND COALESCE(message.is_internal, FALSE) = FALSE
            AND (
                message.message_type IN ('email', 'email_outgoing')
                OR message.message_type = 'comment' AND message.subtype_id = %(discussion)s
                OR message.mail_activity_type_id IS NOT NULL AND COALESCE(activity.category, '') <> 'meeting'
            )
            """,
            models=tuple(self._get_documents()),
            discussion=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
        )

    def _watermark_columns(self):
        documents = [SQL.identifier(alias, "write_date") for alias, _names in self._get_documents().values()]
        return [SQL("message.write_date"), *documents]

    def _is_from_us(self):
        """Return the SQL that says whether an employee wrote the message."""
        return SQL("EXISTS (SELECT FROM res_users u WHERE u.partner_id = message.author_id AND u.share IS FALSE)")

    def _select(self):
        is_activity = SQL("message.mail_activity_type_id IS NOT NULL")
        return {
            **self._party_select(),
            "kind": SQL("CASE WHEN %s THEN 'activity' ELSE 'message' END", is_activity),
            "direction": SQL(
                "CASE WHEN %s THEN 'both' WHEN %s THEN 'out' ELSE 'in' END", is_activity, self._is_from_us()
            ),
            "channel": SQL(
                "CASE WHEN %s THEN CASE activity.category WHEN 'phonecall' THEN 'phone' ELSE 'activity' END"
                " ELSE 'email' END",
                is_activity,
            ),
            "document_name": self._document_column("name"),
            "document_model": SQL("message.model"),
            "document_id": SQL("message.res_id"),
            "date": self._local_date(SQL("message.date")),
            "date_time": SQL("message.date"),
            "user_id": self._document_column("user_id"),
            "team_id": self._document_column("team_id"),
        }
