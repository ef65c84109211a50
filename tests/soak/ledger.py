"""What the books say, read from the file itself, held against what clients saw and what the provider served."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from load import Call

SETTLED = ("completed", "failed", "cancelled", "interrupted")


@dataclass
class Tally:
    """A line of the table. What must be nothing comes with what was found instead."""

    started: int = 0
    answered: int = 0
    settled: int = 0
    unknown: int = 0
    served: int = 0
    twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    reserves: int = 0

    @property
    def faults(self) -> list[str]:
        left = [f"{self.reserves} reserves of ended generations are left"] if self.reserves else []
        return self.twice + self.lost + left


# All attempts: an only one stands in its generation's row.
TRIES = ("(SELECT generation_id, upstream_id, cost_nano_usd, won FROM attempts UNION ALL "
         "SELECT id, first_upstream_id, cost_nano_usd, first_won FROM generations WHERE attempt_count = 1 "
         "AND id NOT IN (SELECT generation_id FROM attempts))")


def rows(database: Path, sql: str) -> list[sqlite3.Row]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def tally(database: Path, calls: list[Call], served: list[dict]) -> Tally:
    """Compares the three accounts, once nothing runs any more."""
    booked = rows(database, "SELECT id, end_user, state, cost_nano_usd, attempt_count FROM generations")
    states = Counter(row["state"] for row in booked)
    found = Tally(started=len(booked), answered=sum(call.is_answered for call in calls),
                  settled=sum(states[state] for state in SETTLED), unknown=states["unknown"], served=len(served))
    found.twice = booked_twice(database, booked)
    found.lost = lost(database, booked, calls, served)
    found.reserves = rows(database, "SELECT COUNT(*) FROM reserves WHERE amount_nano_usd <> 0 AND generation_id NOT IN "
                                    "(SELECT id FROM generations WHERE state = 'admitted')")[0][0]
    return found


def booked_twice(database: Path, booked: list[sqlite3.Row]) -> list[str]:
    found = [f"{call} has {count} generations" for call, count
             in Counter(row["end_user"] for row in booked).items() if count > 1]
    found += [f"{row['upstream_id']} is on {row['times']} attempts" for row in rows(
        database, f"SELECT upstream_id, COUNT(*) AS times FROM {TRIES} WHERE upstream_id <> '' "
                  "GROUP BY upstream_id HAVING COUNT(*) > 1")]
    # The sums by hour are added to as each generation ends, so a second end would show there.
    ended = [row for row in booked if row["state"] != "admitted"]
    hourly = rows(database, "SELECT COALESCE(SUM(requests), 0), COALESCE(SUM(cost_nano_usd), 0) FROM usage_hourly")[0]
    cost = sum(row["cost_nano_usd"] or 0 for row in ended)
    if tuple(hourly) != (len(ended), cost):
        found.append(f"the hourly sums are {hourly[0]} requests and {hourly[1]} nano-USD, "
                     f"the generations {len(ended)} and {cost}")
    found += [f"{row['end_user']} cost {row['whole']}, its attempts {row['parts']}" for row in rows(
        database, "SELECT end_user, g.cost_nano_usd AS whole, SUM(a.cost_nano_usd) AS parts FROM generations g "
                  f"JOIN {TRIES} a ON a.generation_id = g.id WHERE g.cost_nano_usd IS NOT NULL "
                  "GROUP BY g.id HAVING whole <> parts")]
    return found


def lost(database: Path, booked: list[sqlite3.Row], calls: list[Call], served: list[dict]) -> list[str]:
    by_call = {row["end_user"]: row for row in booked}
    found = [f"{row['end_user']} is still admitted" for row in booked if row["state"] == "admitted"]

    # Whatever the provider was asked is an attempt of a generation.
    for call, tries in Counter(request["call"] for request in served).items():
        row = by_call.get(call)
        if not row or row["attempt_count"] < tries:
            found.append(f"{call} reached the provider {tries} times, the books know {row and row['attempt_count']}")

    # Whoever heard the end finds it on the books, at the price that the provider asked.
    asked = {request["id"]: request["cost_nano_usd"] for request in served}
    upstream = {row["end_user"]: row["upstream_id"] for row in rows(
        database, "SELECT g.end_user, a.upstream_id FROM generations g "
                  f"JOIN {TRIES} a ON a.generation_id = g.id WHERE a.won")}
    for call in calls:
        row = by_call.get(call.name)
        if call.generation and not row:
            found.append(f"{call.name} was begun and is not on the books")
        elif call.is_answered and row["state"] != call.end_state:
            found.append(f"{call.name} ended {call.end_state} and is {row['state']}")
        elif call.is_answered and call.end_state == "completed" and row["cost_nano_usd"] != asked[upstream[call.name]]:
            found.append(f"{call.name} cost {asked[upstream[call.name]]} and is booked at {row['cost_nano_usd']}")
    return found
