# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What SARIF 2.1.0 requires of the objects that the doctor writes, and of no others: an object has no property that is not here."""


def thing(required, **properties):
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def many(items, **more):
    return {"type": "array", "items": items, **more}


TEXT = {"type": "string", "minLength": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = thing(["text"], text=TEXT)
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
RULE = thing(["id"], id=TEXT, shortDescription=MESSAGE, fullDescription=MESSAGE, defaultConfiguration=thing([], level=LEVEL))
LOCATION = thing([], logicalLocations=many(thing([], fullyQualifiedName=TEXT, kind=TEXT), minItems=1))
RESULT = thing(
    ["message"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
    level=LEVEL,
    message=MESSAGE,
    locations=many(LOCATION, minItems=1),
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    suppressions=many(thing(["kind"], kind={"enum": ["inSource", "external"]}, justification=TEXT), minItems=1),
    properties={"type": "object"},
)
# What is no failure has no level but "none".
RESULT["if"] = {"required": ["kind"], "properties": {"kind": {"not": {"const": "fail"}}}}
RESULT["then"] = {"properties": {"level": {"const": "none"}}}
NOTIFICATION = thing(["message"], level=LEVEL, message=MESSAGE)
INVOCATION = thing(["executionSuccessful"], executionSuccessful={"type": "boolean"}, endTimeUtc=TIME, toolExecutionNotifications=many(NOTIFICATION))
DRIVER = thing(["name"], name=TEXT, version=TEXT, rules=many(RULE, uniqueItems=True))
RUN = thing(["tool"], tool=thing(["driver"], driver=DRIVER), invocations=many(INVOCATION), results=many(RESULT))
LOG = thing(["version", "runs"], version={"const": "2.1.0"}, runs=many(RUN))
LOG["properties"]["$schema"] = {"type": "string", "format": "uri"}
