"""Stands for the service's own database: what each account has at the end of a day, in cents."""

import random

ACCOUNTS, CHANGES, OPENED = 50_000, 2_000, 10


def on_day(day: int) -> dict[str, int]:
    """Return all balances; after the first day, some change every day, and some accounts are opened."""
    rng = random.Random(1)
    balances = {f"account-{number:05}": rng.randrange(1_000_000) for number in range(ACCOUNTS)}
    for _ in range(1, day):
        for name in rng.sample(list(balances), CHANGES):
            balances[name] = rng.randrange(1_000_000)
        for number in range(len(balances), len(balances) + OPENED):
            balances[f"account-{number:05}"] = 0
    return balances
