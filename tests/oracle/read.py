"""Reads expositions with prometheus_client and prints the result.

Each line of standard input is a JSON object, {"dialect": ..., "body": ...};
each line of standard output is {"samples": [...]} or {"error": ...}.
"""

import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics


def number(value):
    """Returns a number as a string: JSON has neither NaN nor infinity."""
    return repr(float(value))


def read(dialect, body):
    parse = (
        openmetrics if dialect == "openmetrics-1.0.0" else parser
    ).text_string_to_metric_families
    return [
        [
            family.name,
            family.type,
            sample.name,
            sample.labels,
            number(sample.value),
            sample.exemplar
            and [sample.exemplar.labels, number(sample.exemplar.value)],
        ]
        for family in parse(body)
        for sample in family.samples
    ]


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"samples": read(request["dialect"], request["body"])}
    except Exception as error:  # any exception means that the body was refused
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
