"""Verifies a manifest line with securesystemslib: securesystemslib_verify.py LINE KEY.pem WASM

Prints the signed payload and exits 0; 10: the signature is refused, 11: another payload type, 12: other bytes.
"""

import copy
import hashlib
import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

line, pem, wasm = (open(name, "rb").read() for name in sys.argv[1:])
envelope = json.loads(line)
# It looks for the key by the keyid of the signature.
key = SSlibKey.from_crypto(load_pem_public_key(pem), keyid=envelope["signatures"][0]["keyid"])
signed = Envelope.from_dict(copy.deepcopy(envelope))
try:
    signed.verify([key], 1)
except VerificationError as refusal:
    sys.stderr.write(f"{refusal}\n")
    sys.exit(10)
if signed.payload_type != "application/vnd.in-toto+json":
    sys.exit(11)
statement = json.loads(signed.payload)
if statement["subject"][0]["digest"]["sha256"] != hashlib.sha256(wasm).hexdigest():
    sys.exit(12)
sys.stdout.buffer.write(signed.payload)
