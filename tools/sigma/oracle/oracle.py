"""Sigma by pySigma and SQLite, to hold our engine to.

Reads one request as JSON from standard input and writes one answer as JSON to standard output.

  {"command": "match", "events": "file.ndjson[.gz]" or [{...}], "rules": [{"id": "...", "text": "yaml"}],
   "sources": true}
      -> {"matched": {id: [indices]}, "uncompiled": {id: reason}}
     sources: rules meet the events of their log source alone, by pySigma's Windows pipelines; false: every rule meets every event
  {"command": "correlate", "cases": [{"rules": "yaml", "events": [{...}]}]}
      -> {"cases": [{rule title: [{"group": {...}, "end": seconds, "events": [indices]}]}]}

What is ours here is how events become rows: a column for each field, by the case of its name, with NULL where an event lacks it.
Which SQL a rule becomes, and which events that finds, is pySigma's and SQLite's.
"""

import gzip
import json
import re
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.backends.sqlite.correlation import numeric
from sigma.backends.sqlite.runtime import execute_plan
from sigma.collection import SigmaCollection
from sigma.pipelines.sysmon import sysmon_pipeline
from sigma.pipelines.windows import windows_audit_pipeline, windows_logsource_pipeline

# The flat form of Windows events calls these fields otherwise, according to who wrote them.
ALIASES = {
    "Provider_Name": ["Provider_Name", "ProviderName", "SourceName"],
    "Computer": ["Computer", "Hostname", "ComputerName"],
    "ComputerName": ["ComputerName", "Computer", "Hostname"],
}


def regexp(pattern, value):
    return value is not None and re.search(pattern, str(value)) is not None


def connect():
    connection = sqlite3.connect(":memory:")
    connection.create_function("REGEXP", 2, regexp, deterministic=True)
    return connection


def stored(value):
    """A JSON value as text: SQLite compares a text column with a number as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value)


class Backend(sqliteBackend):
    """SQLite's names of columns have no case, and Sigma's fields have: each field gets a column of its own."""

    collate_nocase = True

    def __init__(self, columns, **options):
        super().__init__(**options)
        self.columns = columns

    def escape_and_quote_field(self, field):
        if field in self.columns:
            return self.columns[field]
        return "CAST(NULL AS TEXT)"

    def convert_condition_field_compare_op_val(self, cond, state):
        # Columns hold text: a comparison by size is one of numbers all the same.
        operator = self.compare_operators[cond.value.op]
        return f"({numeric(self.escape_and_quote_field(cond.field))}) {operator} {cond.value.number}"


def flat(event):
    """The nested form of the event's XML as the flat one."""
    if not isinstance(event.get("Event"), dict) or "System" not in event["Event"]:
        return event
    system, row = event["Event"]["System"], {}
    for name, value in system.items():
        attributes = value.get("#attributes", {}) if isinstance(value, dict) else None
        if attributes is None:
            row[name] = value
        elif "#text" in value:
            row[name] = value["#text"]
        for attribute, of in (attributes or {}).items():
            row[{"Name": "Provider_Name", "SystemTime": "TimeCreated"}.get(attribute, attribute)] = of
    for section in ("UserData", "EventData"):
        data = event["Event"].get(section) or {}
        if section == "UserData":
            for inner in data.values():
                row.update(inner if isinstance(inner, dict) else {})
        else:
            row.update(data)
    return row


def read_events(given):
    if isinstance(given, list):
        yield from given
        return
    path = given
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def load(connection, events, sources):
    """Fills the table `logs`; the column of each field."""
    names = {}
    rows = []
    for event in events:
        row = dict(flat(event)) if sources else event
        for name, fields in ALIASES.items() if sources else ():
            for field in fields:
                if row.get(field) is not None:
                    row[name] = row[field]
                    break
        for name in row:
            names.setdefault(name, f"c{len(names)}")
        rows.append(row)
    columns = ", ".join(f"{column} TEXT COLLATE NOCASE" for column in names.values())
    connection.execute(f"CREATE TABLE logs (i INTEGER PRIMARY KEY, {columns})")
    marks = ", ".join("?" for _ in range(len(names) + 1))
    connection.executemany(
        f"INSERT INTO logs VALUES ({marks})",
        ([index, *(stored(row.get(name)) for name in names)] for index, row in enumerate(rows)),
    )
    if sources and "Channel" in names and "EventID" in names:
        connection.execute(f"CREATE INDEX source ON logs ({names['EventID']}, {names['Channel']})")
        connection.execute("ANALYZE")
    return names


def queries(rule_text, columns, sources):
    """The SQL of a rule. A new process is Sysmon's event or the audit's: each pipeline knows one of them."""
    if not sources:
        return Backend(columns).convert(SigmaCollection.from_yaml(rule_text))
    pipelines = [sysmon_pipeline() + windows_logsource_pipeline()]
    if re.search(r"^\s+category:\s*process_creation\s*$", rule_text, re.M):
        pipelines.append(windows_audit_pipeline() + windows_logsource_pipeline())
    found = []
    for pipeline in pipelines:
        backend = Backend(columns, processing_pipeline=pipeline)
        found += backend.convert(SigmaCollection.from_yaml(rule_text))
    return found


def match(request):
    connection = connect()
    sources = request["sources"]
    columns = load(connection, read_events(request["events"]), sources)
    matched, uncompiled = {}, {}
    for rule in request["rules"]:
        try:
            indices = set()
            for query in queries(rule["text"], columns, sources):
                where = query.split(" WHERE ", 1)[1]
                indices.update(index for (index,) in connection.execute(f"SELECT i FROM logs WHERE {where}"))
            matched[rule["id"]] = sorted(indices)
        except Exception as error:  # Whatever the other engine cannot do is listed, not hidden.
            uncompiled[rule["id"]] = f"{type(error).__name__}: {error}"
    return {"matched": matched, "uncompiled": uncompiled}


def correlate(request):
    answers = []
    for case in request["cases"]:
        connection = connect()
        names = sorted({name for event in case["events"] for name in event})
        columns = ", ".join(f'"{name}" TEXT COLLATE NOCASE' for name in names)
        connection.execute(f"CREATE TABLE logs ({columns})")
        marks = ", ".join("?" for _ in names)
        connection.executemany(
            f"INSERT INTO logs (rowid, {', '.join(names)}) VALUES (?, {marks})",
            ([index, *(stored(event.get(name)) for name in names)] for index, event in enumerate(case["events"])),
        )
        backend = sqliteBackend(collate_nocase=True)
        collection = SigmaCollection.from_yaml(case["rules"])
        backend.convert(collection)
        answer = {}
        for rule in collection.rules:
            plan = backend._correlation_plans.get(id(rule))
            if plan is None:
                continue
            rows, _ = execute_plan(connection, plan, include_events=False)
            answer[rule.title] = [
                {
                    "group": row["group_keys"],
                    "end": row["window_end"],
                    "events": sorted(int(event.split(":", 1)[1]) for event in row["event_ids"]),
                }
                for row in rows
            ]
        answers.append(answer)
    return {"cases": answers}


if __name__ == "__main__":
    request = json.load(sys.stdin)
    json.dump({"match": match, "correlate": correlate}[request["command"]](request), sys.stdout)
