{
    "name": "CRM Extended Analytics",
    "summary": "The foundation on which the sales warehouse and its scores will stand",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Extended contributors",
    "license": "AGPL-3",
    "development_status": "Alpha",
    "depends": [
        "crm_extended",
        "account",
        "sale_margin",
        "spreadsheet_dashboard",
    ],
    "installable": True,
}
