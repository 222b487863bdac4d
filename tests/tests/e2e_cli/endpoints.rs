//! Every way in which an endpoint can misbehave: alone it ends the look-up with its own code and never with a verdict;
//! beside honest ones another stands in, and the report says why.

use std::time::Duration;

use provenear_tests::devnet::{Account, Contract, Devnet, Fault, Hash, Where};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::{Row, tampered};

use crate::asking::{Ended, ask, helper};

/// A chain with the accounts of the rows, and an endpoint that misbehaves.
fn misbehaving(at: Where, fault: Fault) -> Devnet {
    let devnet = Devnet::start().unwrap();
    Row::all(&devnet);
    devnet.misbehave(at, fault);
    devnet
}

fn inspect(endpoints: &[&Devnet], more: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    ask(folder.path(), endpoints, &[&["inspect", "honest.devnet"], more].concat())
}

/// Alone, and as each of the two that are asked first, with a third to stand in: at once, as some are waited for. Where the other
/// one is asked for what this one would spoil, nobody notices.
fn faces(at: Where, fault: Fault, code: &str) {
    let bad = misbehaving(at, fault.clone());
    let (second, third) = (bad.peer().unwrap(), bad.peer().unwrap());
    let (alone, beside) = std::thread::scope(|scope| {
        let alone = scope.spawn(|| inspect(&[&bad], &[]));
        let beside = [[&bad, &second, &third], [&second, &bad, &third]]
            .map(|endpoints| scope.spawn(move || inspect(&endpoints, &[])));
        (alone.join().unwrap(), beside.map(|replaced| replaced.join().unwrap()))
    });
    assert_eq!(alone.outcome(), (code, 4), "{fault:?} alone: {}", alone.json);
    assert!(alone.json["verdict"].is_null(), "{fault:?}");
    let mut noticed = 0;
    for replaced in beside {
        assert_eq!(replaced.outcome(), ("not-rebuilt", 3), "{fault:?} beside honest ones: {}", replaced.json);
        let asked = replaced.json.pointer("/deployment/endpoints").unwrap().as_array().unwrap();
        assert_eq!(asked.iter().filter(|endpoint| endpoint["agrees"] == true).count(), 2, "{fault:?}");
        for refused in asked.iter().filter(|endpoint| endpoint["agrees"] == false) {
            assert_eq!(refused["error"]["code"], code, "{fault:?}");
            assert!(bad.url().ends_with(refused["host"].as_str().unwrap()), "{fault:?}: {refused}");
            noticed += 1;
        }
    }
    assert!(noticed > 0, "{fault:?} is noticed by nobody");
}

/// A test each, so that slow ones run beside one another.
macro_rules! faces {
    ($($name:ident $at:expr, $fault:expr, $code:literal;)*) => {
        $(#[test] fn $name() { faces($at, $fault, $code); })*
    };
}

faces! {
    another_chain Where::all(), Fault::ChainId("mainnet".into()), "network-mismatch";
    an_old_final_block Where::all(), Fault::StaleFinal(Duration::from_secs(180)), "block-stale";
    another_block Where::kind("view_account"), Fault::OtherBlock, "rpc-malformed";
    another_block_for_code Where::kind("view_code"), Fault::OtherBlock, "rpc-malformed";
    http_408 Where::all(), Fault::Status(408, None), "rpc-timeout";
    http_422 Where::all(), Fault::Status(422, None), "rpc-malformed";
    http_429 Where::all(), Fault::Status(429, Some(7)), "rpc-rate-limited";
    http_500 Where::all(), Fault::Status(500, None), "rpc-unreachable";
    http_502_for_code Where::kind("view_code"), Fault::Status(502, None), "rpc-unreachable";
    a_web_page Where::all(), Fault::html(), "rpc-malformed";
    no_json Where::all(), Fault::not_json(), "rpc-malformed";
    truncated_json Where::kind("view_code"), Fault::TruncatedJson, "rpc-malformed";
    json_10_000_deep Where::kind("view_account"), Fault::DeepJson(10_000), "rpc-malformed";
    an_endless_body Where::kind("status"), Fault::Endless, "rpc-malformed";
    a_body_cut_off Where::kind("view_code"), Fault::CutBody, "rpc-unreachable";
    a_closed_connection Where::all(), Fault::Close, "rpc-unreachable";
    no_answer Where::kind("block"), Fault::Hang, "rpc-timeout";
    a_slow_body Where::kind("view_code"), Fault::Drip(50, Duration::from_millis(500)), "rpc-timeout";
    a_redirect Where::all(), Fault::Redirect("http://127.0.0.1:9/".into()), "rpc-malformed";
}

#[test]
fn bytes_that_are_not_of_the_hash_end_the_look_up_whoever_stands_by() {
    let bad = misbehaving(Where::all(), Fault::OtherBytes(tampered()));
    let (second, third) = (bad.peer().unwrap(), bad.peer().unwrap());
    for endpoints in [&[&bad][..], &[&second, &bad, &third]] {
        let found = inspect(endpoints, &[]);
        assert_eq!(found.outcome(), ("code-hash-mismatch", 4), "{}", found.json);
        assert!(found.json["verdict"].is_null(), "{}", found.json);
        assert!(bad.url().ends_with(found.text("/endpoints/0/host")), "{}", found.json["endpoints"]);
        assert_eq!(found.text("/endpoints/0/error/code"), "code-hash-mismatch");
    }
}

#[test]
fn a_hash_that_is_not_of_the_bytes_is_a_disagreement_beside_others() {
    let bad = misbehaving(Where::all(), Fault::OtherHash(Hash([7; 32])));
    assert_eq!(inspect(&[&bad], &[]).outcome(), ("code-hash-mismatch", 4));
    let other = bad.peer().unwrap();
    let found = inspect(&[&bad, &other], &[]);
    assert_eq!(found.outcome(), ("rpc-disagreement", 4), "{}", found.json);
}

#[test]
fn other_code_with_its_own_hash_is_never_outvoted_in_silence() {
    let bad = misbehaving(Where::all(), Fault::OtherCode(tampered()));
    let (second, third) = (bad.peer().unwrap(), bad.peer().unwrap());
    let found = inspect(&[&bad, &second, &third], &[]);
    assert_eq!(found.outcome(), ("rpc-disagreement", 4), "{}", found.json);
    let asked = found.json["endpoints"].as_array().unwrap();
    assert_eq!(asked.len(), 2, "{asked:?}");
    for endpoint in asked {
        assert_eq!((&endpoint["agrees"], &endpoint["error"]["code"]), (&false.into(), &"rpc-disagreement".into()));
    }
}

#[test]
fn a_claim_that_the_node_answers_otherwise_is_said() {
    let bad = misbehaving(Where::all(), Fault::Metadata(r#"{"version":"6.6.6"}"#.into()));
    let found = inspect(&[&bad], &[]);
    assert_eq!(found.codes("/notices"), ["claim-disagrees", "single-endpoint"]);
    assert_eq!(found.text("/metadata/nep330/version"), "1.0.0");
    assert_eq!(found.text("/metadata/rpc/version"), "6.6.6");
}

#[test]
fn hidden_keys_are_no_reason_to_fail() {
    let bad = misbehaving(Where::kind("view_access_key_list"), Fault::Status(500, None));
    let found = inspect(&[&bad], &[]);
    assert_eq!(found.outcome(), ("not-rebuilt", 3), "{}", found.json);
    assert!(found.json["changeable"]["full_access_keys"].is_null());
    assert_eq!(found.codes("/notices"), ["access-keys-unlisted", "single-endpoint"]);
}

#[test]
fn kind_and_owner_are_said_only_if_each_endpoint_says_them() {
    let honest = Devnet::start().unwrap();
    honest.chain().publish_by_hash(COUNTER_PINNED);
    honest.chain().publish_by_account("owner.devnet", COUNTER_PINNED);
    honest.chain().put("app.devnet", Account::new(Contract::GlobalByAccount("owner.devnet".into())));
    let liar = honest.peer().unwrap();
    liar.misbehave(Where::all(), Fault::ByHash(Hash::of(COUNTER_PINNED)));
    let folder = tempfile::tempdir().unwrap();
    for endpoints in [[&liar, &honest], [&honest, &liar]] {
        let found = ask(folder.path(), &endpoints, &["inspect", "app.devnet"]);
        assert_eq!(found.outcome(), ("rpc-disagreement", 4), "{}", found.json);
        assert!(found.json["endpoints"].as_array().unwrap().iter().all(|it| it["agrees"] == false), "{}", found.json);
    }
    let alone = ask(folder.path(), &[&honest, &honest.peer().unwrap()], &["inspect", "app.devnet"]);
    assert_eq!(alone.text("/deployment/contract/account_id"), "owner.devnet");
    assert_eq!(alone.codes("/notices"), ["mutable-by-owner"]);
}

#[test]
fn one_host_is_one_endpoint_however_it_is_spelled() {
    let devnet = Devnet::start().unwrap();
    Row::all(&devnet);
    let folder = tempfile::tempdir().unwrap();
    let here = devnet.url().replace("127.0.0.1", "localhost");
    for again in
        [here.as_str(), &format!("{}/another?key=1", devnet.url()), &devnet.url().replace("127.0.0.1", "[::1]")]
    {
        let two = ["inspect", "honest.devnet", "--rpc", &devnet.url(), "--rpc", again];
        let found = ask(folder.path(), &[], &two);
        assert_eq!(found.codes("/notices"), ["single-endpoint"], "{again}: {}", found.json);
        assert_eq!(found.json["deployment"]["endpoints"].as_array().unwrap().len(), 1, "{again}");
        let mut command = helper(folder.path());
        let refused = command.args(two).args(["--network", "devnet-test", "--quorum", "2"]).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("`--quorum` must be at least 1 and at most the 1 host that can be asked"), "{said}");
    }
}

#[test]
fn two_endpoints_are_asked_at_most_nine_times_without_a_word_of_our_own() {
    let one = Devnet::start().unwrap();
    Row::all(&one);
    let two = one.peer().unwrap();
    assert_eq!(inspect(&[&one, &two], &[]).outcome(), ("not-rebuilt", 3));
    let calls = [one.calls(), two.calls()].concat();
    let kinds: Vec<&str> = calls.iter().map(|call| call.kind.as_str()).collect();
    assert!(calls.len() <= 9, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == "view_code").count(), 1, "{kinds:?}");
    let known = ["host", "content-type", "content-length", "accept", "accept-encoding", "user-agent", "connection"];
    let foreign: Vec<&String> = calls
        .iter()
        .flat_map(|call| call.http.headers.iter().map(|(name, _)| name))
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    // After the final block is known, every question names it.
    let pinned = calls.iter().filter(|call| call.kind.starts_with("view_") || call.kind == "call_function");
    assert!(pinned.clone().count() > 0);
    for call in pinned {
        assert!(call.params["block_id"].is_number() || call.params["block_id"].is_string(), "{:?}", call.params);
    }
}

#[test]
fn a_block_that_is_gone_or_never_was() {
    let devnet = Devnet::start().unwrap();
    Row::all(&devnet);
    let last = devnet.chain().final_block().height;
    let at = |height: u64| inspect(&[&devnet], &["--block", &height.to_string()]);
    assert_eq!(at(last + 10_000_000).outcome(), ("unknown-block", 4));
    devnet.chain().set_horizon(last);
    let gone = at(last - 5);
    assert_eq!(gone.outcome(), ("block-garbage-collected", 4));
    assert!(gone.text("/error/message").contains("archival"), "{}", gone.text("/error/message"));
    let nobody = ask(tempfile::tempdir().unwrap().path(), &[&devnet], &["inspect", "nobody.devnet"]);
    assert_eq!(nobody.outcome(), ("unknown-account", 4));
}

#[test]
fn an_endpoint_that_nobody_serves() {
    let devnet = Devnet::start().unwrap();
    Row::all(&devnet);
    let gone = Devnet::start().unwrap();
    let url = gone.url();
    drop(gone);
    let folder = tempfile::tempdir().unwrap();
    let found = ask(folder.path(), &[&devnet], &["inspect", "honest.devnet", "--rpc", &url]);
    assert_eq!(found.outcome(), ("rpc-unreachable", 4), "two were named, so two have to agree: {}", found.json);
    let one = ask(folder.path(), &[&devnet], &["inspect", "honest.devnet", "--rpc", &url, "--quorum", "1"]);
    assert_eq!(one.outcome(), ("not-rebuilt", 3), "{}", one.json);
    let other_bytes = COUNTER_PINNED.len();
    assert_eq!(one.json["code"]["size"], other_bytes);
}

#[test]
fn a_block_that_was_asked_for_says_how_old_it_is() {
    let devnet = Devnet::start().unwrap();
    let final_block = devnet.chain().final_block().height;
    let (old, young) = (final_block - 500, final_block);
    devnet.chain().put_at(old - 1, "past.devnet", Account::new(Contract::local(COUNTER_PINNED)));
    let folder = tempfile::tempdir().unwrap();
    let at = |block: u64| ask(folder.path(), &[&devnet], &["inspect", "past.devnet", "--block", &block.to_string()]);
    let found = at(old);
    assert_eq!(found.outcome(), ("not-rebuilt", 3), "{}", found.json);
    assert_eq!(found.codes("/notices"), ["old-block", "single-endpoint"]);
    assert!(found.json["deployment"]["age_seconds"].as_u64().unwrap() >= 300, "{}", found.json["deployment"]);
    assert!(found.text("/deployment/final_block_time") > found.text("/deployment/block_time"));
    assert!(found.text("/verdict/headline").contains(&old.to_string()), "{}", found.json["verdict"]);
    let found = at(young);
    assert_eq!(found.codes("/notices"), ["single-endpoint"]);
    assert!(found.json["deployment"]["age_seconds"].is_u64(), "{}", found.json["deployment"]);
    let now = ask(folder.path(), &[&devnet], &["inspect", "past.devnet"]);
    assert!(now.json["deployment"]["age_seconds"].is_null(), "{}", now.json["deployment"]);
    let mut command = helper(folder.path());
    command.args(["inspect", "past.devnet", "--network", "devnet-test", "--rpc", &devnet.url(), "--block"]);
    let text = String::from_utf8(command.arg(old.to_string()).output().unwrap().stdout).unwrap();
    assert!(text.contains("5 minutes ago; leave out `--block` to see now"), "{text}");
}
