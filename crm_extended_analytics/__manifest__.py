{
    "name": "CRM Extended Analytics",
    "summary": "Sales warehouse, the 7P of each customer, value pyramids and measured decisions",
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
    "data": [],
    "demo": [],
    "installable": True,
}
