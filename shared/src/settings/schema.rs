//! What JSON Schema says of a settings file, which has a writer and a reader of its own. No member is required: what a file
//! does not say is as usual.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{MAX_THRESHOLD, Settings, file};
use crate::key::PublicKey;
use crate::near::{AccountId, Network};

impl JsonSchema for Settings {
    fn schema_name() -> Cow<'static, str> {
        "Settings".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (key, network, account) = (
            generator.subschema_for::<PublicKey>(),
            generator.subschema_for::<Network>(),
            generator.subschema_for::<Option<AccountId>>(),
        );
        json_schema!({
            "description": "A reader's settings, as the page saves them and `--settings` reads them.",
            "type": "object",
            "properties": {
                "schema": {"description": "Name and version of the document.", "const": file::SCHEMA},
                "page": {
                    "description": "Address of the page that saved it: relative stores are below it.",
                    "type": ["string", "null"],
                },
                "network": {
                    "description": "The network of subjects for which none is named.",
                    "allOf": [network],
                },
                "networks": {
                    "description": "What the reader changed about networks, by chain id.",
                    "type": "object",
                    "propertyNames": network,
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "endpoints": {
                                "description": "URLs of RPC endpoints, in the order in which they are asked.",
                                "type": "array",
                                "items": {"type": "string"},
                            },
                            "quorum": {
                                "description": "How many of them must agree; null for the usual number.",
                                "type": ["integer", "null"],
                                "minimum": 1,
                                "maximum": MAX_THRESHOLD,
                            },
                            "registry": {
                                "description": "Account of a registry like SourceScan's; null for the known one.",
                                "anyOf": [account],
                            },
                        },
                    },
                },
                "keys": {
                    "description": "The trusted keys, each once.",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "key": key,
                            "name": {
                                "description": "The reader's name for it, possibly empty.",
                                "type": "string",
                                "maxLength": crate::keys::MAX_NAME,
                            },
                        },
                        "required": ["key"],
                    },
                },
                "threshold": {
                    "description": "How many trusted keys must agree.",
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_THRESHOLD,
                },
                "images": {
                    "description": "Accepted images, one digest a line; null for the published ones.",
                    "type": ["string", "null"],
                },
                "accept_custom_build": {
                    "description": "Whether a build that is not the customary one raises no doubt.",
                    "type": "boolean",
                },
                "stores": {
                    "description": "URLs of stores of manifests, or paths below the page.",
                    "type": "array",
                    "items": {"type": "string"},
                },
            },
        })
    }
}
