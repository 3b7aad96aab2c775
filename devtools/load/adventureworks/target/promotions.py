"""Special offers as pricelists in USD."""

from odoo.fields import Command

from ..source.sales import OFFER_KIND, RULE_KIND

NO_DISCOUNT = "No Discount"


def load(session, offers):
    """Load each offer as a pricelist; the one without discount becomes the pricelist of the orders."""
    usd = session.env.ref("base.USD").id
    base = {"pricelist_usd": {"name": "AdventureWorks USD", "currency_id": usd, "company_id": session.env.company.id}}
    session.ids.create("product.pricelist", base)
    values = {}
    for offer in offers:
        if not offer.discount:
            session.tally.skip(OFFER_KIND, offer.name, "gives no discount: it is the pricelist of the orders")
            session.tally.skip(RULE_KIND, offer.name, "gives no discount", len(offer.products))
            continue
        values[f"pricelist_{offer.key}"] = {
            "name": _name(offer),
            "currency_id": usd,
            "company_id": session.env.company.id,
            "item_ids": [Command.create(item) for item in _items(session, offer)],
        }
    present = [name for name in values if name in session.ids]
    created = session.create(OFFER_KIND, "product.pricelist", values)
    session.tally.created(RULE_KIND, _count_rules(values, created))
    session.tally.present(RULE_KIND, _count_rules(values, present))


def _count_rules(values, names):
    return sum(len(values[name]["item_ids"]) for name in names)


def _name(offer):
    """Return the offer's name; Odoo's rules know no maximum quantity, so the name keeps it."""
    return f"{offer.name} (at most {offer.maximum})" if offer.maximum else offer.name


def _items(session, offer):
    for product in offer.products:
        if f"product_{product}" not in session.ids:
            session.tally.skip(RULE_KIND, product, "names a product that was not loaded")
            continue
        record = session.env["product.product"].browse(session.ids[f"product_{product}"])
        yield {
            "applied_on": "0_product_variant",
            "product_id": record.id,
            "product_tmpl_id": record.product_tmpl_id.id,
            "compute_price": "percentage",
            "percent_price": float(offer.discount * 100),
            "min_quantity": float(offer.minimum),
            "date_start": session.moment(offer.start),
            "date_end": session.moment(offer.end),
        }
