"""The statements, in order: (title, table whose new rows are counted or none, SQL).

`random()` is drawn once per row in a fixed order. The temporary tables pop_* hold what the rows are made of.
"""

CUSTOMERS = """
    CREATE TEMPORARY TABLE pop_customer ON COMMIT DROP AS
    WITH drawn AS MATERIALIZED (
        SELECT
            number,
            floor(%(days)s * 0.92 * power(random(), 1.25))::int AS first_day,
            -ln(1 - random()) * 540 AS stay,
            -- a normal deviate by Box and Muller
            exp(1.15 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS appetite,
            exp(0.5 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS budget,
            random() AS late
        FROM generate_series(1, %(customers)s) AS number
    ),
    living AS MATERIALIZED (
        SELECT *, greatest(least(stay, %(days)s - 1 - first_day), 1)::int AS life FROM drawn
    ),
    shared AS MATERIALIZED (
        SELECT
            *,
            sum(least(appetite, 40) * life) OVER (ORDER BY number) AS upto,
            sum(least(appetite, 40) * life) OVER () AS total,
            least(appetite, 40) * life AS part
        FROM living
    )
    SELECT
        number,
        nextval('res_partner_id_seq')::int AS partner_id,
        first_day,
        life,
        budget,
        late,
        -- the orders beyond the first, shared out so that their sum is exact
        (floor(upto / total * %(repeats)s + 1e-9) - floor((upto - part) / total * %(repeats)s + 1e-9))::int AS repeats
    FROM shared
"""

PARTNERS = """
    INSERT INTO res_partner (
        id, name, complete_name, active, is_company, type, commercial_partner_id, country_id, user_id, lang,
        partner_share, customer_rank, supplier_rank, autopost_bills, group_rfq, group_on, create_uid, write_uid,
        create_date, write_date
    )
    SELECT
        partner_id, 'Customer ' || lpad(number::text, 6, '0'), 'Customer ' || lpad(number::text, 6, '0'), TRUE,
        number %% 3 > 0, 'contact', partner_id,
        (%(country_ids)s::int[])[1 + number %% cardinality(%(country_ids)s::int[])],
        (%(seller_ids)s::int[])[1 + number %% cardinality(%(seller_ids)s::int[])],
        'en_US', TRUE, 1, 0, 'ask', 'default', 'default', %(uid)s, %(uid)s,
        %(first_day)s::date + first_day, %(first_day)s::date + first_day
    FROM pop_customer
"""

ORDERS = """
    CREATE TEMPORARY TABLE pop_order ON COMMIT DROP AS
    WITH bought AS MATERIALIZED (
        SELECT
            customer.number AS customer,
            customer.partner_id,
            customer.budget,
            customer.late,
            customer.first_day,
            customer.life,
            CASE WHEN turn = 0 THEN customer.first_day
                 ELSE customer.first_day + floor(customer.life * random())::int END AS day,
            random() AS season,
            random() AS origin
        FROM pop_customer AS customer
        CROSS JOIN LATERAL generate_series(0, customer.repeats) AS turn
    ),
    dated AS MATERIALIZED (
        SELECT
            *,
            -- a fifth of the orders of spring and summer waits for the end of the year
            CASE WHEN season < 0.2 AND extract(doy FROM %(first_day)s::date + day) BETWEEN 80 AND 270
                  AND day + 320 - extract(doy FROM %(first_day)s::date + day) < first_day + life
                 THEN (day + 320 - extract(doy FROM %(first_day)s::date + day) + floor(40 * season))::int
                 ELSE day END AS sold
        FROM bought
    )
    SELECT
        row_number() OVER (ORDER BY least(sold, %(days)s - 1), customer, season) AS number,
        nextval('sale_order_id_seq')::int AS order_id,
        customer, partner_id, budget, late, origin,
        %(first_day)s::date + least(sold, %(days)s - 1) AS day
    FROM dated
"""

# Five orders after each other have 1 to 5 lines: three on average; the rest is made up at the front.
LINES = """
    CREATE TEMPORARY TABLE pop_line ON COMMIT DROP AS
    WITH wanted AS MATERIALIZED (
        SELECT
            pop_order.*,
            floor(number::numeric * %(lines)s / %(orders)s) - floor((number - 1)::numeric * %(lines)s / %(orders)s)
                AS mean
        FROM pop_order
    ),
    numbered AS MATERIALIZED (
        SELECT
            wanted.*,
            -- pairs exchange lines, so that their sum stays
            greatest(1, least(5, mean + CASE WHEN number %% 2 = 0 THEN 1 ELSE -1 END
                * CASE WHEN (number + number %% 2) > %(orders)s THEN 0
                       WHEN mean BETWEEN 2 AND 4 THEN ((number + number %% 2) / 2) %% 3 %% (5 - mean::int) ELSE 0 END
            ))::int AS count
        FROM wanted
    ),
    drawn AS MATERIALIZED (
        SELECT
            number, order_id, partner_id, budget, day, turn,
            1 + floor(%(products)s * power(random(), 2.2))::int AS article,
            1 + floor(6 * power(random(), 3)) AS quantity,
            CASE WHEN random() < 0.12 THEN 5 * (1 + floor(4 * random())) ELSE 0 END AS discount
        FROM numbered
        CROSS JOIN LATERAL generate_series(1, count) AS turn
    ),
    priced AS MATERIALIZED (
        SELECT
            *,
            round(((%(product_prices)s::float8[])[article] * least(greatest(budget, 0.5), 3))::numeric, 2) AS price,
            round(((%(product_costs)s::float8[])[article] * least(greatest(budget, 0.5), 3) * 0.9)::numeric, 2) AS cost
        FROM drawn
    )
    SELECT
        *,
        nextval('sale_order_line_id_seq')::int AS line_id,
        (%(product_ids)s::int[])[article] AS product_id,
        round(price * quantity::numeric * (1 - discount::numeric / 100), 2) AS amount
    FROM priced
"""

ORDER_TOTALS = """
    CREATE TEMPORARY TABLE pop_total ON COMMIT DROP AS
    SELECT order_id, sum(amount) AS amount, sum(cost * quantity::numeric) AS cost FROM pop_line GROUP BY order_id
"""

SALE_ORDERS = """
    INSERT INTO sale_order (
        id, name, company_id, partner_id, partner_invoice_id, partner_shipping_id, user_id, team_id, currency_id,
        currency_rate, campaign_id, medium_id, state, invoice_status, date_order, amount_untaxed, amount_tax,
        amount_total, margin, picking_policy, locked, create_uid, write_uid, create_date, write_date
    )
    SELECT
        pop_order.order_id, 'POP' || lpad(number::text, 8, '0'), %(company)s, partner_id, partner_id, partner_id,
        (%(seller_ids)s::int[])[1 + customer %% cardinality(%(seller_ids)s::int[])], %(team)s, %(currency)s, 1,
        CASE WHEN origin < 0.3 THEN (%(campaign_ids)s::int[])[1 + number %% cardinality(%(campaign_ids)s::int[])] END,
        (%(medium_ids)s::int[])[1 + number %% cardinality(%(medium_ids)s::int[])],
        'sale', 'to invoice', day + interval '10 hours', amount, 0, amount, amount - cost, 'direct', FALSE,
        %(uid)s, %(uid)s, day + interval '9 hours', day + interval '10 hours'
    FROM pop_order
    JOIN pop_total USING (order_id)
"""

SALE_LINES = """
    INSERT INTO sale_order_line (
        id, order_id, sequence, company_id, currency_id, order_partner_id, salesman_id, product_id, product_uom_id,
        state, name, product_uom_qty, price_unit, technical_price_unit, discount, price_subtotal, price_total,
        price_tax, price_reduce_taxexcl, price_reduce_taxinc, purchase_price, margin, margin_percent, qty_delivered,
        qty_invoiced, qty_to_invoice, qty_delivered_method, invoice_status, customer_lead, create_uid, write_uid,
        create_date, write_date
    )
    SELECT
        line_id, order_id, turn, %(company)s, %(currency)s, partner_id,
        (%(seller_ids)s::int[])[1 + number %% cardinality(%(seller_ids)s::int[])], product_id, %(uom)s,
        'sale', 'Article', quantity, price, price, discount, amount, amount, 0,
        round(amount / quantity::numeric, 2), round(amount / quantity::numeric, 2), cost,
        amount - cost * quantity::numeric,
        CASE WHEN amount <> 0 THEN (amount - cost * quantity::numeric) / amount ELSE 0 END,
        quantity, 0, quantity, 'manual', 'to invoice', 0, %(uid)s, %(uid)s, day + interval '9 hours',
        day + interval '10 hours'
    FROM pop_line
"""

LEADS_DRAWN = """
    CREATE TEMPORARY TABLE pop_lead ON COMMIT DROP AS
    SELECT nextval('crm_lead_id_seq')::int AS lead_id, pop_order.*, amount
    FROM pop_order
    JOIN pop_total USING (order_id)
    WHERE origin < %(led)s
"""

LEADS = """
    INSERT INTO crm_lead (
        id, name, type, active, company_id, partner_id, user_id, team_id, stage_id, won_status, probability,
        automated_probability, expected_revenue, priority, campaign_id, medium_id, amount_source,
        date_open, date_closed, create_uid, write_uid, create_date, write_date
    )
    SELECT
        lead_id, 'Inquiry ' || number, 'opportunity', TRUE, %(company)s, partner_id,
        (%(seller_ids)s::int[])[1 + customer %% cardinality(%(seller_ids)s::int[])], %(team)s, %(won_stage)s, 'won',
        100, 100, amount, '1',
        (%(campaign_ids)s::int[])[1 + number %% cardinality(%(campaign_ids)s::int[])],
        (%(medium_ids)s::int[])[1 + number %% cardinality(%(medium_ids)s::int[])], 'manual',
        day - 20, day + interval '10 hours', %(uid)s, %(uid)s, day - 21, day + interval '10 hours'
    FROM pop_lead
"""

LEADS_OF_ORDERS = """
    UPDATE sale_order SET opportunity_id = pop_lead.lead_id FROM pop_lead WHERE sale_order.id = pop_lead.order_id
"""

# Paid after the 30 days of the terms, by the habit of the customer; what would be paid after the end is open.
INVOICES_DRAWN = """
    CREATE TEMPORARY TABLE pop_invoice ON COMMIT DROP AS
    WITH billed AS MATERIALIZED (
        SELECT pop_order.*, amount, random() AS delay, random() AS return
        FROM pop_order
        JOIN pop_total USING (order_id)
        WHERE number > %(orders)s * (1 - %(invoiced)s)
        ORDER BY number
    )
    SELECT
        nextval('account_move_id_seq')::int AS invoice_id,
        nextval('account_move_line_id_seq')::int AS receivable_id,
        nextval('account_move_id_seq')::int AS payment_id,
        nextval('account_move_line_id_seq')::int AS settled_id,
        billed.*,
        day + 30 AS due,
        day + 30 + floor(late * late * 60 * delay - 6)::int AS paid,
        day + 30 + floor(late * late * 60 * delay - 6)::int < %(first_day)s::date + %(days)s AS is_paid
    FROM billed
"""

INVOICE_LINES_DRAWN = """
    CREATE TEMPORARY TABLE pop_invoice_line ON COMMIT DROP AS
    SELECT
        nextval('account_move_line_id_seq')::int AS id, pop_line.*, invoice_id, customer
    FROM pop_line
    JOIN pop_invoice USING (order_id)
"""

MOVE_COLUMNS = """
        id, name, move_type, state, auto_post, journal_id, company_id, partner_id, commercial_partner_id,
        partner_shipping_id, invoice_user_id, team_id, currency_id, invoice_currency_rate, date, invoice_date,
        invoice_date_due, payment_state, amount_untaxed, amount_tax, amount_total, amount_residual,
        amount_untaxed_signed, amount_tax_signed, amount_total_signed, amount_total_in_currency_signed,
        amount_residual_signed, posted_before, sequence_prefix, sequence_number, create_uid, write_uid, create_date,
        write_date
"""

INVOICES = (
    f"INSERT INTO account_move ({MOVE_COLUMNS})"
    """
    SELECT
        invoice_id, 'POP/' || number, 'out_invoice', 'posted', 'no', %(sale_journal)s, %(company)s, partner_id,
        partner_id, partner_id,
        (%(seller_ids)s::int[])[1 + customer %% cardinality(%(seller_ids)s::int[])], %(team)s, %(currency)s, 1, day,
        day, due, CASE WHEN is_paid THEN 'paid' ELSE 'not_paid' END, amount, 0, amount,
        CASE WHEN is_paid THEN 0 ELSE amount END, amount, 0, amount, amount,
        CASE WHEN is_paid THEN 0 ELSE amount END, TRUE, 'POP/', number, %(uid)s, %(uid)s, day, day
    FROM pop_invoice
    """
)

ITEM_COLUMNS = """
        id, move_id, move_name, journal_id, company_id, company_currency_id, currency_id, account_id,
        partner_id, parent_state, display_type, date, invoice_date, date_maturity, name, product_id, product_uom_id,
        quantity, price_unit, discount, price_subtotal, price_total, debit, credit, balance, amount_currency,
        amount_residual, amount_residual_currency, reconciled, sequence, create_uid, write_uid, create_date, write_date
"""

INVOICE_LINES = (
    f"INSERT INTO account_move_line ({ITEM_COLUMNS})"
    """
    SELECT
        id, invoice_id, 'POP/' || number, %(sale_journal)s, %(company)s, %(currency)s, %(currency)s, %(income)s,
        partner_id, 'posted', 'product', day, day, NULL, 'Article', product_id, %(uom)s, quantity, price, discount,
        amount, amount, 0, amount, -amount, -amount, 0, 0, FALSE, turn, %(uid)s, %(uid)s, day, day
    FROM pop_invoice_line
    """
)

RECEIVABLES = (
    f"INSERT INTO account_move_line ({ITEM_COLUMNS})"
    """
    SELECT
        receivable_id, invoice_id, 'POP/' || number, %(sale_journal)s, %(company)s, %(currency)s, %(currency)s,
        %(receivable)s, partner_id, 'posted', 'payment_term', day, day, due, 'POP/' || number, NULL, NULL, 0, 0, 0,
        0, 0, amount, 0, amount, amount, CASE WHEN is_paid THEN 0 ELSE amount END,
        CASE WHEN is_paid THEN 0 ELSE amount END, is_paid, 99, %(uid)s, %(uid)s, day, day
    FROM pop_invoice
    """
)

LINKS = """
    INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)
    SELECT line_id, id FROM pop_invoice_line
"""

PAYMENTS = (
    f"INSERT INTO account_move ({MOVE_COLUMNS})"
    """
    SELECT
        payment_id, 'POPP/' || number, 'entry', 'posted', 'no', %(bank_journal)s, %(company)s, partner_id, partner_id,
        NULL, NULL, NULL, %(currency)s, 1, paid, NULL, NULL, 'not_paid', 0, 0, amount, 0, 0, 0, amount, amount, 0,
        TRUE, 'POPP/', number, %(uid)s, %(uid)s, paid, paid
    FROM pop_invoice
    WHERE is_paid
    """
)

PAYMENT_LINES = (
    f"INSERT INTO account_move_line ({ITEM_COLUMNS})"
    """
    SELECT
        CASE WHEN is_receivable THEN settled_id ELSE nextval('account_move_line_id_seq') END, payment_id,
        'POPP/' || number, %(bank_journal)s, %(company)s, %(currency)s, %(currency)s,
        CASE WHEN is_receivable THEN %(receivable)s ELSE %(cash)s END, partner_id, 'posted', 'product', paid, NULL,
        NULL, 'Payment', NULL, NULL, 0, 0, 0, 0, 0, CASE WHEN is_receivable THEN 0 ELSE amount END,
        CASE WHEN is_receivable THEN amount ELSE 0 END, CASE WHEN is_receivable THEN -amount ELSE amount END,
        CASE WHEN is_receivable THEN -amount ELSE amount END, 0, 0, is_receivable, 1, %(uid)s, %(uid)s, paid, paid
    FROM pop_invoice
    CROSS JOIN (VALUES (TRUE), (FALSE)) AS side (is_receivable)
    WHERE is_paid
    """
)

SETTLED = """
    INSERT INTO account_partial_reconcile (
        debit_move_id, credit_move_id, debit_currency_id, credit_currency_id, company_id, max_date, amount,
        debit_amount_currency, credit_amount_currency, create_uid, write_uid, create_date, write_date
    )
    SELECT
        receivable_id, settled_id, %(currency)s, %(currency)s, %(company)s, paid, amount, amount, amount, %(uid)s,
        %(uid)s, paid, paid
    FROM pop_invoice
    WHERE is_paid
"""

# A credit note over the first line of the invoice, two weeks later; it stays open.
RETURNS_DRAWN = """
    CREATE TEMPORARY TABLE pop_return ON COMMIT DROP AS
    SELECT
        nextval('account_move_id_seq')::int AS credit_note_id,
        nextval('account_move_line_id_seq')::int AS credit_line_id,
        nextval('account_move_line_id_seq')::int AS owed_id,
        item.*,
        least(item.day + 14, %(first_day)s::date + %(days)s - 1) AS returned_on
    FROM pop_invoice_line AS item
    JOIN pop_invoice USING (invoice_id)
    WHERE item.turn = 1 AND pop_invoice.return < %(returned)s
"""

CREDIT_NOTES = (
    f"INSERT INTO account_move ({MOVE_COLUMNS})"
    """
    SELECT
        credit_note_id, 'POPR/' || number, 'out_refund', 'posted', 'no', %(sale_journal)s, %(company)s, partner_id,
        partner_id, partner_id,
        (%(seller_ids)s::int[])[1 + customer %% cardinality(%(seller_ids)s::int[])], %(team)s, %(currency)s, 1,
        returned_on, returned_on, returned_on, 'not_paid', amount, 0, amount, amount, -amount, 0, -amount, -amount,
        -amount, TRUE, 'POPR/', number, %(uid)s, %(uid)s, returned_on, returned_on
    FROM pop_return
    """
)

CREDIT_LINES = (
    f"INSERT INTO account_move_line ({ITEM_COLUMNS})"
    """
    SELECT
        CASE WHEN is_product THEN credit_line_id ELSE owed_id END, credit_note_id, 'POPR/' || number,
        %(sale_journal)s, %(company)s, %(currency)s, %(currency)s,
        CASE WHEN is_product THEN %(income)s ELSE %(receivable)s END, partner_id, 'posted',
        CASE WHEN is_product THEN 'product' ELSE 'payment_term' END, returned_on, returned_on,
        CASE WHEN is_product THEN NULL ELSE returned_on END, 'Article',
        CASE WHEN is_product THEN product_id END, CASE WHEN is_product THEN %(uom)s END,
        CASE WHEN is_product THEN quantity ELSE 0 END, CASE WHEN is_product THEN price ELSE 0 END,
        CASE WHEN is_product THEN discount ELSE 0 END, CASE WHEN is_product THEN amount ELSE 0 END,
        CASE WHEN is_product THEN amount ELSE 0 END, CASE WHEN is_product THEN amount ELSE 0 END,
        CASE WHEN is_product THEN 0 ELSE amount END, CASE WHEN is_product THEN amount ELSE -amount END,
        CASE WHEN is_product THEN amount ELSE -amount END, CASE WHEN is_product THEN 0 ELSE -amount END,
        CASE WHEN is_product THEN 0 ELSE -amount END, FALSE, 1, %(uid)s, %(uid)s, returned_on, returned_on
    FROM pop_return
    CROSS JOIN (VALUES (TRUE), (FALSE)) AS side (is_product)
    """
)

# A statement that only prepares counts nothing.
ALL = (
    ("Customers drawn", None, CUSTOMERS),
    ("Customers", "res_partner", PARTNERS),
    ("Orders drawn", None, ORDERS),
    ("Lines drawn", None, LINES),
    ("Totals", None, ORDER_TOTALS),
    ("Orders", "sale_order", SALE_ORDERS),
    ("Order lines", "sale_order_line", SALE_LINES),
    ("Opportunities drawn", None, LEADS_DRAWN),
    ("Opportunities", "crm_lead", LEADS),
    ("Orders with an opportunity", None, LEADS_OF_ORDERS),
    ("Invoices drawn", None, INVOICES_DRAWN),
    ("Invoice lines drawn", None, INVOICE_LINES_DRAWN),
    ("Invoices", "account_move", INVOICES),
    ("Invoice lines", "account_move_line", INVOICE_LINES),
    ("Receivables", "account_move_line", RECEIVABLES),
    ("Order lines with an invoice", "sale_order_line_invoice_rel", LINKS),
    ("Payments", "account_move", PAYMENTS),
    ("Payment lines", "account_move_line", PAYMENT_LINES),
    ("Payments of invoices", "account_partial_reconcile", SETTLED),
    ("Returns drawn", None, RETURNS_DRAWN),
    ("Credit notes", "account_move", CREDIT_NOTES),
    ("Credit note lines", "account_move_line", CREDIT_LINES),
)
