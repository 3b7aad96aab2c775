"""How much of what a customer spends on our category comes to us: shares, higher is better."""

from __future__ import annotations


def share_of_wallet(own_sales: float, category_spend: float | None) -> float | None:
    """Return our share of a customer's spend.

    Parameters
    ----------
    own_sales:
        What he bought from us.
    category_spend:
        What he spent on the category in all; ``None`` when nobody knows.

    Returns
    -------
    0 to 1, or ``None`` without a known wallet.

    Raises
    ------
    ValueError
        When he bought more from us than he spent: the wallet is out of date.

    Example
    -------
    >>> share_of_wallet(30_000, 120_000)
    0.25

    Source
    ------
    own sales / category spend.
    """
    if not category_spend:
        return None
    if not 0 <= own_sales <= category_spend:
        raise ValueError(f"Own sales ({own_sales!r}) lie outside the customer's wallet ({category_spend!r}).")
    return own_sales / category_spend


def wallet_allocation(rank: float, suppliers: int) -> float:
    """Return the share of wallet that a supplier of that rank in the customer's preference can expect.

    Parameters
    ----------
    rank:
        Our place, 1 is the preferred; ties share the mean of their places (1.5).
    suppliers:
        How many the customer uses.

    Returns
    -------
    0 to 1; the shares of all places sum to 1.

    Raises
    ------
    ValueError
        When the rank is outside 1 to the number of suppliers.

    Example
    -------
    >>> [round(wallet_allocation(rank, 3), 4) for rank in (1, 2, 3)]
    [0.5, 0.3333, 0.1667]

    Source
    ------
    Keiningham, Aksoy, Buoye and Cooil, Harvard Business Review, October 2011: (1 - rank/(n+1)) x 2/n. It
    gives 1 for a single supplier.
    """
    if suppliers < 1 or not 1 <= rank <= suppliers:
        raise ValueError(f"The rank lies between 1 and the number of suppliers ({suppliers!r}), not {rank!r}.")
    return (1 - rank / (suppliers + 1)) * 2 / suppliers
