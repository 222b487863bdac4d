//! `docs/field.md`: its examples are read as it says, and its names and numbers are those of the code.

use std::collections::BTreeSet;

use provenear_shared::container::{NetworkAccess, argv, environment};
use provenear_shared::customary::is_customary;
use provenear_shared::image::ImageRef;
use provenear_shared::near::Network;
use provenear_shared::nep330::{ContractSourceMetadata, MAX_METADATA_SIZE};
use provenear_shared::recipe::{Recipe, SOURCE_MOUNT};
use provenear_shared::rpc::KEYS_PER_PAGE;
use provenear_shared::source::SourceSnapshot;
use provenear_shared::wasm::PROTOCOL;

use crate::{quoted, read, rows, section};

const DOCUMENT: &str = "field.md";

#[test]
fn sources_and_images_are_read_as_the_document_says() {
    let document = read(DOCUMENT);
    let mut seen = 0;
    for row in rows(section(&document, "The source")) {
        let codes: Vec<&str> = match SourceSnapshot::parse(quoted(row[0])[0]) {
            Ok(_) => vec![],
            Err(gaps) => gaps.iter().map(|gap| gap.code().code()).collect(),
        };
        let expected = quoted(row[1]);
        assert!(expected.is_empty() == (row[1] == "a commit"), "{row:?}");
        assert_eq!(codes, expected, "{row:?}");
        seen += 1;
    }
    for row in rows(section(&document, "Images")) {
        let read = ImageRef::parse(quoted(row[0])[0]).err().map(|gap| gap.code().code());
        let expected = quoted(row[1]);
        assert!(expected.is_empty() == (row[1] == "an image"), "{row:?}");
        assert_eq!(read, expected.first().copied(), "{row:?}");
        seen += 1;
    }
    assert!(seen > 12, "only {seen} examples: this test reads them wrongly");
}

/// The texts of a list in source.
fn listed<'a>(source: &'a str, start: &str) -> Vec<&'a str> {
    let list = source.split_once(start).unwrap().1.split_once("= [").unwrap().1.split("];").next().unwrap();
    list.split('"').skip(1).step_by(2).collect()
}

#[test]
fn the_options_of_the_customary_command_are_those_of_the_code() {
    let document = read(DOCUMENT);
    let rows = rows(section(&document, "The command"));
    let documented: Vec<&str> = rows.iter().map(|row| quoted(row[0])[0]).collect();
    let source = include_str!("../../../shared/src/customary.rs");
    let (flags, valued) = (listed(source, "const FLAGS"), listed(source, "const VALUED"));
    assert_eq!(documented, [&flags[..], &valued[..], &["--env"]].concat());
    for (row, option) in rows.iter().zip(&documented) {
        let value = match row[1] {
            "alone" => None,
            "with a value" => Some("x"),
            _ => Some("NAME=VALUE"),
        };
        let words = ["cargo", "near", "build", "non-reproducible-wasm", option].into_iter().chain(value);
        assert!(is_customary(&words.map(str::to_owned).collect::<Vec<_>>()), "{option}");
    }
    assert!(document.contains(&format!("`{}`", listed(source, "const COMMAND").join(" "))));
}

#[test]
fn the_container_is_the_one_of_the_document() {
    let document = read(DOCUMENT);
    let text = section(&document, "The container");
    let claim = include_bytes!("../../testdata/claim.json");
    let recipe = Recipe::from_metadata(&ContractSourceMetadata::parse(claim).unwrap()).unwrap();
    let names = |access| environment(&recipe, access).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let documented: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`')).collect();
    assert_eq!(documented, names(NetworkAccess::Full));
    assert_eq!(names(NetworkAccess::Fetch).last().map(String::as_str), Some("CARGO_NET_OFFLINE"));
    assert!(quoted(text).contains(&"CARGO_NET_OFFLINE=true") && quoted(text).contains(&SOURCE_MOUNT));
    assert!(quoted(text).contains(&argv(&recipe)[..2].join(" ").as_str()));
}

/// What is asked of nodes, by the bodies of requests.
fn asked() -> BTreeSet<&'static str> {
    let sources = [
        include_str!("../../../shared/src/rpc.rs"),
        include_str!("../../../shared/src/rpc/keys.rs"),
        include_str!("../../../shared/src/rpc/state.rs"),
    ];
    let names = |source: &'static str, call| source.split(call).skip(1).map(|rest| rest.split('"').next().unwrap());
    let all = sources.into_iter().flat_map(|source| names(source, " body(\"").chain(names(source, " query(\"")));
    all.filter(|name| *name != "query").collect()
}

#[test]
fn what_is_asked_of_which_endpoints_is_what_the_document_says() {
    let document = read(DOCUMENT);
    let text = section(&document, "RPC");
    let documented: BTreeSet<&str> = rows(text).iter().map(|row| quoted(row[0])[0]).collect();
    assert_eq!(documented, asked());
    assert!(text.contains(&format!("in pages of {KEYS_PER_PAGE}")));
    let endpoints = rows(text.split_once("unless you name your own").unwrap().1);
    let documented: Vec<(&str, &str)> = endpoints.iter().map(|row| (row[0], quoted(row[1])[0])).collect();
    let of = |name: &'static str| Network::parse(name).unwrap().endpoints().iter().map(move |url| (name, *url));
    assert_eq!(documented, of("mainnet").chain(of("testnet")).collect::<Vec<_>>());
}

#[test]
fn the_limits_are_those_of_the_code() {
    let document = read(DOCUMENT);
    let text = section(&document, "The node's rules");
    let source = include_str!("../../../shared/src/wasm/node.rs");
    let constant = |line: &str| {
        let (name, rest) = line.trim_start_matches("pub ").strip_prefix("const ")?.split_once(": u")?;
        let value: u64 = rest.split_once("= ")?.1.trim_end_matches(';').replace('_', "").parse().unwrap();
        // What nearcore calls otherwise.
        let name = match name {
            "FIRST_MEMORY_PAGES" => "initial_memory_pages".to_owned(),
            "MAX_TABLE_ELEMENTS" => "max_elements_per_contract_table".to_owned(),
            other => other.to_lowercase(),
        };
        Some((name, value))
    };
    // What stands behind the heading of the parser's own limits is no parameter of the network.
    let parameters = source.replace("/// Limits of its parser.", "///\n};").split("\n};").next().unwrap().to_owned();
    let expected: BTreeSet<(String, u64)> = parameters.lines().filter_map(constant).collect();
    let documented: BTreeSet<(String, u64)> =
        rows(text).iter().map(|row| (quoted(row[0])[0].to_owned(), row[1].parse().unwrap())).collect();
    assert_eq!(documented, expected);
    assert!(expected.len() > 10 && text.replace('\n', " ").contains(&format!("protocol {PROTOCOL},")));
    assert!(section(&document, "The claim").contains(&format!("At most {MAX_METADATA_SIZE} bytes")));
}
