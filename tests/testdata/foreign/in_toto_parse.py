"""Parses the payload of a manifest line with in-toto's own types: in_toto_parse.py PAYLOAD WASM

Nothing is ignored: a field that in-toto or SLSA does not know is an error. It does not look at signatures.
Prints what it understood as JSON and exits 0; 12: other bytes, 13: no statement with SLSA provenance.
"""

import hashlib
import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage

payload, wasm = (open(name, "rb").read() for name in sys.argv[1:])
try:
    statement = Statement.copy_from_pb(json_format.Parse(payload, StatementMessage()))
    statement.validate()
    if statement.pb.predicate_type != "https://slsa.dev/provenance/v1":
        raise ValueError(f"predicate type {statement.pb.predicate_type}")
    provenance = json_format.ParseDict(json_format.MessageToDict(statement.pb.predicate), Provenance())
except (json_format.ParseError, ValueError) as refusal:
    sys.stderr.write(f"{refusal}\n")
    sys.exit(13)
(subject,) = statement.pb.subject
if subject.digest["sha256"] != hashlib.sha256(wasm).hexdigest():
    sys.exit(12)
json.dump(
    {
        "buildType": provenance.build_definition.build_type,
        "builder": provenance.run_details.builder.id,
        "finishedOn": provenance.run_details.metadata.finished_on.ToJsonString(),
        "dependencies": [dependency.name for dependency in provenance.build_definition.resolved_dependencies],
    },
    sys.stdout,
)
