"""Reads expositions with prometheus_client and prints the result.

A JSON object a line on standard input, {"dialect": ..., "body": ...}; a JSON
object a line on standard output, {"samples": [...]} or {"error": ...}.
"""

import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics


def number(value):
    """As text, because JSON knows neither NaN nor infinity."""
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
    asked = json.loads(line)
    try:
        answer = {"samples": read(asked["dialect"], asked["body"])}
    except Exception as error:  # whatever it is, it is the verdict
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
