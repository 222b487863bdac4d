//! The contract: what is written is read back the same, and the text of one message of each kind stays what it is.

use std::fmt::Debug;

use provenear_shared::Report;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::inspection::Step;
use provenear_shared::near::{AccountContract, AccountId, Network};
use provenear_shared::notice::NoticeCode;
use provenear_shared::registry::Record;
use provenear_shared::report::{ErrorCode, SubjectKind, SubjectReport};
use provenear_shared::verdict::VerdictCode;
use provenear_shared::wasm::diff::{Budget, Stage, diff, functions, picture, side_by_side};
use provenear_shared::wasm::{Module, ModuleFacts};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    Answer, Ask, AskSubject, Asked, Compared, Comparison, Difference, Done, Heard, Job, Judged, Past, Proposal,
    Records, Said, View, read,
};

const EMPTY: &[u8] = b"\0asm\x01\0\0\0";
const HASH: &str = "11111111111111111111111111111111";

fn written(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap()
}

/// A message is this text, and the text this message.
fn held<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T, text: &str) {
    assert_eq!(written(message), text);
    assert_eq!(read::<T>(text).as_ref(), Ok(message));
    crosses(message);
}

/// A message is what it was when it has crossed; only in JavaScript's own land is there anything to cross by.
#[cfg_attr(not(target_arch = "wasm32"), allow(unused_variables))]
fn crosses<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) {
    #[cfg(target_arch = "wasm32")]
    assert_eq!(super::from_js::<T>(super::to_js(message)).as_ref(), Ok(message));
}

/// A message is read back the same; its text begins like this.
fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T, begins: &str) {
    let text = written(message);
    assert!(text.starts_with(begins), "{text}");
    assert_eq!(read::<T>(&text).as_ref(), Ok(message));
    crosses(message);
}

fn hash() -> Sha256Digest {
    Sha256Digest::from_bytes([0; 32])
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn ask(subject: AskSubject) -> Ask {
    Ask {
        subject,
        network: "mainnet".to_owned(),
        endpoints: vec![("https://a".to_owned(), false), ("https://b".to_owned(), true)],
        quorum: Some(2),
        block: "final".to_owned(),
        keys: vec![("ed25519:k".to_owned(), "\"a\" key".to_owned())],
        threshold: 1,
        images: "i".to_owned(),
        accept_custom_build: true,
        accept_local_source: false,
        manifests: vec![("{}".to_owned(), true)],
        stores: vec!["https://s".to_owned()],
        asks_stores: true,
    }
}

/// The text of an [`ask`] about this subject.
fn asked(subject: &str) -> String {
    format!(
        r#"{{"accept_custom_build":true,"accept_local_source":false,"asks_stores":true,"block":"final","endpoints":[["https://a",false],["https://b",true]],"images":"i","keys":[["ed25519:k","\"a\" key"]],"manifests":[["{{}}",true]],"network":"mainnet","quorum":2,"stores":["https://s"],"subject":{subject},"threshold":1}}"#
    )
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_question_is_held() {
    let subjects = [
        (AskSubject::Account("a.near".to_owned()), r#"{"account":"a.near"}"#),
        (AskSubject::Code(HASH.to_owned()), r#"{"code":"11111111111111111111111111111111"}"#),
        (AskSubject::File("a.wasm".to_owned()), r#"{"file":"a.wasm"}"#),
    ];
    for (subject, text) in subjects {
        let (ask, text) = (ask(subject), asked(text));
        assert_eq!(ask.to_json(), text);
        assert_eq!(Ask::read(&text).as_ref(), Ok(&ask));
        held(&ask, &written(&text));
    }
    let bare = Ask { quorum: None, ..ask(AskSubject::File(String::new())) };
    assert_eq!(read(&written(&bare)), Ok(bare));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn what_is_said_of_a_question_is_held() {
    for (said, text) in [
        (Said::Step(Step::AccessKeys), r#"{"step":"access-keys"}"#),
        (Said::Report(r#"{"a":"\"\u0000"}"#.to_owned()), r#"{"report":"{\"a\":\"\\\"\\u0000\"}"}"#),
        (Said::Failed("no `x`".to_owned()), r#"{"failed":"no `x`"}"#),
    ] {
        assert_eq!(said.clone().to_json(), text);
        assert_eq!(Said::read(text), Ok(said));
    }
}

/// What the first program reads of a report is what the report says.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn an_answer_is_read_out_of_a_report() {
    let mut report: Report = read(REPORT).unwrap();
    assert_eq!(written(&report), REPORT);
    let verdict = Judged { code: VerdictCode::NotRebuilt, headline: "h".to_owned(), message: "m".to_owned() };
    let asked =
        Asked { block_height: 7, block_time: "t".to_owned(), age_seconds: Some(5), agreeing: vec!["a".to_owned()] };
    let answer = Answer {
        report: REPORT.to_owned(),
        verdict: Some(verdict),
        error: None,
        kind: SubjectKind::Account,
        name: "a.near".to_owned(),
        code_hash: Some(hash()),
        asked: Some(asked),
        full_access_keys: Some(2),
        notices: read(r#"[{"code":"single-endpoint","message":"one"}]"#).unwrap(),
        command: Some("provenear inspect a.near --network testnet --block 7".to_owned()),
    };
    assert_eq!(Answer::read(REPORT.to_owned()), Ok(answer));
    let command = |report: &Report| Answer::read(written(report)).unwrap().command.unwrap_or_default();
    report.deployment = None;
    assert_eq!(command(&report), "provenear inspect <file.wasm>");
    report.subject.kind = SubjectKind::CodeHash;
    assert_eq!(command(&report), format!("provenear inspect hash:{HASH}"));
    report.code = None;
    assert_eq!(command(&report), "");
    let failed = Report::empty(SubjectReport::new(SubjectKind::File, "a.wasm"));
    let failed = failed.failed(ErrorCode::parse("rpc-timeout").unwrap(), "too slow");
    let answer = Answer::read(written(&failed)).unwrap();
    assert_eq!((answer.verdict, answer.kind), (None, SubjectKind::File));
    let (read, said) = (answer.error.unwrap(), failed.error.unwrap());
    assert_eq!((ErrorCode::from(read.code), read.message), (said.code, said.message));
}

const REPORT: &str = concat!(
    r#"{"schema":"provenear/inspection/v1","error":null,"subject":{"kind":"account","name":"a.near"},"#,
    r#""code":{"code_hash":"11111111111111111111111111111111","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size":8},"#,
    r#""deployment":{"network":"testnet","account_id":"a.near","account_kind":null,"block_height":7,"#,
    r#""block_hash":"11111111111111111111111111111111","block_time":"t","final_block_time":null,"age_seconds":5,"#,
    r#""contract":{"kind":"local","message":null,"code_hash":"11111111111111111111111111111111","account_id":null},"#,
    r#""endpoints":[{"host":"a","agrees":true,"error":null},{"host":"b","agrees":false,"error":null}],"quorum":1},"#,
    r#""metadata":null,"recipe":null,"gaps":[],"notices":[{"code":"single-endpoint","message":"one"}],"module":null,"abi":null,"#,
    r#""abi_notes":[],"changeable":{"message":"c","keys_message":null,"keys_from":null,"keys_extent":null,"keys_error":null,"#,
    r#""full_access_keys":2,"function_call_keys":null,"gas_keys":null,"key_types":null,"owner":null,"redeploy_imports":null},"#,
    r#""manifests":[],"stores":[],"#,
    r#""verdict":{"code":"not-rebuilt","headline":"h","message":"m","keys":[],"threshold":1,"trusted":1,"dissent":[]},"#,
    r#""chain":null,"endpoints":[]}"#
);

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_message_of_another_kind_is_refused() {
    assert!(Said::read(r#"{"stop":"access-keys"}"#).is_err());
    assert!(Said::read(r#"{"step":"asleep"}"#).is_err());
    assert!(Ask::read(r#"{"subject":{"account":"a.near"}}"#).is_err());
    assert!(read::<View>(r#""nowhere""#).is_err());
    assert!(read::<Job>(r#""fact""#).is_err());
    assert!(read::<Comparison>(r#""diff""#).is_err());
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_view_is_held() {
    let network = Network::mainnet();
    for (view, text) in [
        (View::Settings, r#""settings""#),
        (View::About, r#""about""#),
        (View::Compare("a=b".to_owned()), r#"{"compare":"a=b"}"#),
        (View::Cards { answer: 3, report: "{}".to_owned() }, r#"{"cards":[3,"{}"]}"#),
        (View::Replacement("{}".to_owned()), r#"{"replacement":"{}"}"#),
        (View::Why(NoticeCode::SingleEndpoint), r#"{"why":"single-endpoint"}"#),
        (View::Linked("#/".to_owned()), r##"{"linked":"#/"}"##),
        (View::Given("\u{ff}".to_owned()), "{\"given\":\"\u{ff}\"}"),
        (View::Known(hash()), r#"{"known":"11111111111111111111111111111111"}"#),
        (View::Proposal { network, dao: account("d.near"), id: 9 }, r#"{"proposal":["mainnet","d.near",9]}"#),
    ] {
        assert_eq!(view.clone().to_json(), text);
        assert_eq!(read(text), Ok(view));
    }
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_job_is_held() {
    let ask = || ask(AskSubject::Account("a.near".to_owned()));
    let asked = written(&asked(r#"{"account":"a.near"}"#));
    held(&Job::Facts, r#""facts""#);
    held(&Job::Abi, r#""abi""#);
    held(&Job::Code, r#""code""#);
    held(
        &Job::Registry { ask: ask(), registry: account("r.near") },
        &format!(r#"{{"registry":{{"ask":{asked},"registry":"r.near"}}}}"#),
    );
    held(&Job::Proposal { ask: ask(), id: 9 }, &format!(r#"{{"proposal":{{"ask":{asked},"id":9}}}}"#));
    held(&Job::Module(ask()), &format!(r#"{{"module":{asked}}}"#));
    let zeros = "0".repeat(64);
    held(
        &Job::Past { url: "https://a".to_owned(), account: account("a.near"), height: 7 },
        r#"{"past":{"url":"https://a","account":"a.near","height":7}}"#,
    );
    held(
        &Job::BlockTime { url: "https://a".to_owned(), height: 7 },
        r#"{"block-time":{"url":"https://a","height":7}}"#,
    );
    held(&Job::Source(Hex(hash())), &format!(r#"{{"source":"{zeros}"}}"#));
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn what_came_of_a_job_is_held() {
    let asked = || Heard { block_height: 7, block_time: "t".to_owned(), hosts: vec!["a".to_owned()] };
    let asked_text = r#"{"block_height":7,"block_time":"t","hosts":["a"]}"#;
    held(&Done::Code, r#""code""#);
    let module = super::Module { code_hash: hash(), block_height: Some(7) };
    held(&Done::Module(module), &format!(r#"{{"module":{{"code_hash":"{HASH}","block_height":7}}}}"#));
    let abi = r#"{"schema_version":"0.4.0","name":null,"version":null,"compiler":null,"builder":null,"functions":[],"exports_not_described":[],"functions_not_exported":[],"types":[],"note":null,"verbatim":{"a":0.0,"b":0,"c":18446744073709551615}}"#;
    held(&Done::Abi(read(abi).unwrap()), &format!(r#"{{"abi":{}}}"#, written(&abi)));
    let facts = ModuleFacts::of(&Module::parse(EMPTY).unwrap());
    again(&Done::Facts(Box::new(facts)), r#"{"facts":"{"#);
    held(&Done::Past(Past::NoBlock), r#"{"past":"no-block"}"#);
    held(&Done::Past(Past::NoAccount), r#"{"past":"no-account"}"#);
    held(&Done::BlockTime(Some(7)), r#"{"block-time":7}"#);
    held(&Done::BlockTime(None), r#"{"block-time":null}"#);
    let global = AccountContract::GlobalByAccount(account("o.near"));
    held(&Done::Past(Past::Account(global)), r#"{"past":{"account":{"GlobalByAccount":"o.near"}}}"#);
    held(&Done::Past(Past::Account(AccountContract::None)), r#"{"past":{"account":"None"}}"#);
    let entries = r#"{"source":[{"path":"a","kind":"Folder","offset":0,"size":0},{"path":"b","kind":{"Link":"a"},"offset":512,"size":1}]}"#;
    held(&read::<Done>(entries).unwrap(), entries);
    let record = Record {
        account_id: Some(account("a.near")),
        code_hash: hash(),
        cid: "c".to_owned(),
        lang: "rust".to_owned(),
        block_height: None,
    };
    held(
        &Done::Registry(Records { records: vec![record], asked: asked() }),
        &format!(
            r#"{{"registry":{{"records":[{{"account_id":"a.near","code_hash":"{HASH}","cid":"c","lang":"rust","block_height":null}}],"asked":{asked_text}}}}}"#
        ),
    );
    let proposal = Proposal {
        proposer: account("p.near"),
        description: "d".to_owned(),
        status: "InProgress".to_owned(),
        kind: "UpgradeRemote".to_owned(),
        receiver: Some((account("r.near"), "m".to_owned())),
        code_hash: Some(hash()),
        trouble: None,
        asked: asked(),
    };
    held(
        &Done::Proposal(Box::new(proposal)),
        &format!(
            r#"{{"proposal":{{"proposer":"p.near","description":"d","status":"InProgress","kind":"UpgradeRemote","receiver":["r.near","m"],"code_hash":"{HASH}","trouble":null,"asked":{asked_text}}}}}"#
        ),
    );
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_comparison_is_held() {
    held(&Comparison::Difference, r#""difference""#);
    held(&Comparison::Functions, r#""functions""#);
    held(&Comparison::SideBySide([Some(1), None]), r#"{"side-by-side":[1,null]}"#);
    held(&Stage::Pairing, r#""pairing""#);
    let module = Module::parse(EMPTY).unwrap();
    let report = diff(&module, &module, Budget::default());
    let picture = picture(&module, &module, &report);
    again(&Compared::Functions(functions(&module, &module, &report)), r#"{"functions":["#);
    again(
        &Compared::SideBySide(side_by_side(&module, &module, &report, None, None)),
        r#"{"side-by-side":{"a":null,"b":null,"rows":["#,
    );
    again(
        &Compared::Difference(Box::new(Difference { report, picture })),
        r#"{"difference":{"report":{"schema":"provenear/diff/v1","error":null,"class":"identical""#,
    );
}
