//! What JSON Schema says of the types that are written as one text: a pattern, which is no narrower than what is written.
//! Not here: codes, which list themselves.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::digest::{Hex, Oci, Sha256Digest};
use crate::key::PublicKey;
use crate::near::{AccountId, Network};
use crate::report::{ErrorCode, FailureCode};

macro_rules! text {
    ($name:ident, $description:literal, $pattern:literal) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"description": $description, "type": "string", "pattern": $pattern})
            }
        }
    };
}

text!(
    Sha256Digest,
    "A SHA-256 in base58, as NEAR writes code hashes and block hashes.",
    "^[1-9A-HJ-NP-Za-km-z]{32,44}$"
);
text!(Hex, "A SHA-256 as 64 lower-case hexadecimal digits.", "^[0-9a-f]{64}$");
text!(Oci, "A SHA-256 as OCI writes it.", "^sha256:[0-9a-f]{64}$");
text!(PublicKey, "An Ed25519 public key as NEAR writes it.", "^ed25519:[1-9A-HJ-NP-Za-km-z]{32,44}$");
text!(AccountId, "A NEAR account id.", "^(?:[a-z0-9]+[-_])*[a-z0-9]+(?:\\.(?:[a-z0-9]+[-_])*[a-z0-9]+)*$");
text!(Network, "A chain id, such as `mainnet`.", "^[a-z0-9_-]{1,64}$");

impl JsonSchema for ErrorCode {
    fn schema_name() -> Cow<'static, str> {
        "ErrorCode".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (look, failure) =
            (generator.subschema_for::<crate::deployment::LookCode>(), generator.subschema_for::<FailureCode>());
        json_schema!({"description": "Why the command has no answer.", "anyOf": [look, failure]})
    }
}
