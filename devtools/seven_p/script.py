"""Recency, frequency, money, BG/NBD, P(alive) and lifetime value in pandas and scipy, as an analyst would write it.

    python -m devtools.seven_p.script FILE    (the connection is libpq's: PGHOST, PGUSER ...; the options are in FILE)

FILE is JSON: the query of the rows, the query of the sample, the day, the window, the interest. One row per line of
a sale comes in (customer, order, day as a number, net, cost) by COPY, which is the fastest way that PostgreSQL has;
pandas reads it with the columns' types told. Everything after that is a whole column at a time; the likelihood looks
at each different history once, and so does the hypergeometric function. Imports are not timed. Nothing of the product
is imported. Prints JSON; P(alive) and the value of each customer go to the file that the options name.
"""

import io
import json
import sys
import time

import numpy as np
import pandas as pd
import psycopg2
from scipy import optimize
from scipy.special import gammaln, hyp2f1

WEEK = 7
MONTHS = 12
MONTH_WEEKS = 365 / WEEK / MONTHS
TYPES = {"customer": "int32", "order": "int32", "day": "int32", "amount": "float64", "cost": "float64"}


def main(path):
    with open(path) as handle:
        options = json.load(handle)
    clock = Clock()
    lines, sample = read(options)
    clock.lap("read_s")
    customers = summarise(lines, options["as_of"], options["rfm_since"])
    clock.lap("measures_s")
    purchases = fit_purchases(customers.loc[customers.index.isin(sample)])
    value = fit_value(customers.loc[customers.index.isin(sample)])
    clock.lap("fit_s")
    customers["alive"] = alive(customers, purchases)
    clock.lap("alive_s")
    customers["clv"] = lifetime_value(customers, purchases, value, options["interest"])
    clock.lap("clv_s")
    customers[["alive", "clv"]].to_csv(options["result"])
    print(json.dumps({**clock.laps, "rows": len(lines), "customers": len(customers), "bg_nbd": purchases.tolist()}))


class Clock:
    """Seconds from lap to lap."""

    def __init__(self):
        self.laps, self.last = {}, time.perf_counter()

    def lap(self, name):
        now = time.perf_counter()
        self.laps[name], self.last = round(now - self.last, 3), now


def read(options):
    """Return the lines of the sales and the customers of the sample."""
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        stream = io.BytesIO()
        cursor.copy_expert(f"COPY ({options['rows']}) TO STDOUT (FORMAT csv)", stream)
        stream.seek(0)
        lines = pd.read_csv(stream, names=list(TYPES), dtype=TYPES, engine="c")
        cursor.execute(options["sample"])
        return lines, [row[0] for row in cursor.fetchall()]


def summarise(lines, as_of, rfm_since):
    """Return one row per customer with a purchase: an order above 0; orders of one day are one purchase."""
    known = lines["amount"].where(lines["cost"].notna())
    lines = lines.assign(margin=known - lines["cost"], known=known)
    orders = lines.groupby(["customer", "order", "day"], sort=False)[["amount", "margin", "known"]].sum().reset_index()
    bought = orders[orders["amount"] > 0]
    days = bought.groupby(["customer", "day"], as_index=False)["amount"].sum()
    by_customer = days.groupby("customer")
    first = by_customer["day"].min()
    customers = first.to_frame("first").join(by_customer["day"].agg(last="max", days="size"))
    repeat = days[days["day"] > days["customer"].map(first)].groupby("customer")["amount"].sum()
    recent = bought[bought["day"] > rfm_since].groupby("customer")
    money = orders[orders["day"] > rfm_since].groupby("customer")["amount"].sum()
    totals = orders.groupby("customer")[["margin", "known"]].sum()
    customers["recency"] = as_of - customers["last"]
    customers["frequency"] = recent.size().reindex(customers.index, fill_value=0)
    customers["money"] = money.reindex(customers.index, fill_value=0.0)
    customers["x"] = customers["days"] - 1
    customers["t_x"] = (customers["last"] - customers["first"]) / WEEK
    customers["age"] = (as_of - customers["first"]) / WEEK
    customers["mean"] = (repeat.reindex(customers.index) / customers["x"]).fillna(0.0)
    customers["rate"] = (totals["margin"] / totals["known"]).reindex(customers.index)
    return customers


# ------------------------------------------------------------
# Models (Fader, Hardie and Lee 2005; Fader and Hardie 2013)
# ------------------------------------------------------------


def maximise(log_likelihood, start):
    """Return the parameters, all above 0, of the highest mean log-likelihood."""
    options = {"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8}
    end = optimize.minimize(
        lambda logs: -log_likelihood(np.exp(logs)), np.log(start), method="L-BFGS-B", options=options
    )
    return np.exp(end.x)


def fit_purchases(customers):
    """Return r, alpha, a, b of BG/NBD."""
    groups = customers.groupby(["x", "t_x", "age"]).size()
    x, t_x, age = (groups.index.get_level_values(name).to_numpy(float) for name in ("x", "t_x", "age"))
    weights = groups.to_numpy(float) / groups.sum()

    def log_likelihood(parameters):
        r, alpha, a, b = parameters
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        common += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        stays = -(r + x) * np.log(alpha + age)
        left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
        return float((common + np.where(x > 0, np.logaddexp(stays, left), stays)) @ weights)

    return maximise(log_likelihood, [1.0, 10.0, 1.0, 1.0])


def fit_value(customers):
    """Return p, q, v of gamma-gamma, from those who came again."""
    repeat = customers[(customers["x"] > 0) & (customers["mean"] > 0)]
    x, mean = repeat["x"].to_numpy(float), repeat["mean"].to_numpy()

    def log_likelihood(parameters):
        p, q, v = parameters
        rows = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(mean)
        rows += p * x * np.log(x) - (p * x + q) * np.log(x * mean + v)
        return float(rows.mean())

    return maximise(log_likelihood, [2.0, 3.0, float(mean.mean())])


def alive(customers, parameters):
    """Return P(alive)."""
    r, alpha, a, b = parameters
    x, t_x, age = (customers[name].to_numpy(float) for name in ("x", "t_x", "age"))
    odds = np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)


def lifetime_value(customers, purchases, value, interest):
    """Return the discounted margin of twelve months."""
    r, alpha, a, b = purchases
    p, q, v = value
    histories, place = np.unique(customers[["x", "age"]].to_numpy(float), axis=0, return_inverse=True)
    x, age = histories.T
    discounted, before = np.zeros_like(x), 0.0
    for month in range(1, MONTHS + 1):
        t = month * MONTH_WEEKS
        share = ((alpha + age) / (alpha + age + t)) ** (r + x)
        until = (a + b + x - 1) / (a - 1) * (1 - share * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t)))
        discounted += (until - before) / (1 + interest) ** (month / MONTHS)
        before = until
    days, mean = customers["x"].to_numpy(float), customers["mean"].to_numpy()
    worth = np.where(mean > 0, p * (v + days * mean) / (p * days + q - 1), p * v / (q - 1))
    return customers["alive"] * discounted[place.ravel()] * worth * customers["rate"]


if __name__ == "__main__":
    main(*sys.argv[1:])
