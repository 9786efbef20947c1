"""Every night: `python nightly.py DAY` commits to all balances at the end of a day, and publishes the head.

It can be called again after a crash at any moment: the store has the whole night, or nothing of it.
"""

import sys

from accounts import on_day
from committed import DAY, STORE, head_file, key_of, opened, secret, value_of
from tallystick.stores import SQLiteStore


def main(day: int) -> None:
    """Put what has changed since the day before into the tree, as one version."""
    before, now, salts = on_day(day - 1) if day > 1 else {}, on_day(day), secret()
    changed = [name for name, cents in now.items() if before.get(name) != cents]
    with SQLiteStore(STORE) as store:
        tree = opened(store)
        if tree.time < day * DAY:
            keys = [key_of(name) for name in changed]
            tree.update(keys, [value_of(name, now[name], salts) for name in changed], time=day * DAY)
        head_file(day).parent.mkdir(exist_ok=True)
        then = tree.at_time(day * DAY)
        head_file(day).write_bytes(then.head.to_bytes())
        first, last = (tree.at(tree.versions[place]).time // DAY for place in (0, -1))
        print(f"day {day}: {len(then):,} accounts, {len(changed):,} changed; days {first} to {last} are kept")


if __name__ == "__main__":
    main(int(sys.argv[1]))
