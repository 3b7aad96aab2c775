import csv
import io

from odoo import http
from odoo.http import content_disposition, request


class EmployeeFigure(http.Controller):
    """The figures that are kept of the user himself, as a file."""

    @http.route("/crm_extended/my_figures", type="http", auth="user", methods=["GET"], readonly=True)
    def my_figures(self):
        """Return the user's own rows as CSV; there is no parameter by which to ask for somebody else's."""
        buffer = io.StringIO()
        csv.writer(buffer).writerows(request.env["crm.employee.figure"]._get_export_rows())
        headers = [
            ("Content-Type", "text/csv; charset=utf-8"),
            ("Content-Disposition", content_disposition("my_figures.csv")),
        ]
        # the mark by which spreadsheets know that the text is UTF-8
        return request.make_response("\ufeff" + buffer.getvalue(), headers)
