//! GitHub attestations: what they say of their making is shown as their own word, however they come here, and confirms nothing.

use provenear_tests::browser::Kind;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::notary::github_attestation;
use serde_json::json;

use crate::messages::drop_file;
use crate::visit::{Visit, drawn};

in_chromium!(what_an_attestation_says_is_shown_as_its_own_word, an_attestation_cannot_write_what_the_page_says);

const WORKFLOW: &str = ".github/workflows/release.yml";
const LINE: &str = "ul.manifests > [data-rejection=certificate-signed]";

/// The lines of attestations, in order, once there are this many.
fn lines(visit: &Visit, count: usize) -> Vec<String> {
    let are_there = "return document.querySelectorAll(arguments[0]).length === arguments[1]";
    visit.browser.until(&format!("{count} attestations"), are_there, &[json!(LINE), json!(count)]).unwrap();
    drawn(&visit.browser);
    // Behind the commit stands the button that shows it whole.
    let texts = "return [...document.querySelectorAll(arguments[0])].map(it => it.innerText.replace(/\\s+/g, ' ').replace(/ \\.$/, '.'))";
    serde_json::from_value(visit.browser.script(texts, vec![json!(LINE)]).unwrap()).unwrap()
}

fn what_an_attestation_says_is_shown_as_its_own_word(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let stored = visit.folder.path().join("manifests").join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"));
    std::fs::create_dir(stored.parent().unwrap()).unwrap();
    std::fs::write(&stored, github_attestation(COUNTER_PINNED, WORKFLOW)).unwrap();
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    lines(&visit, 1);
    visit.bring(&github_attestation(b"other", WORKFLOW));
    lines(&visit, 2);
    drop_file(&visit.browser, "a.sigstore.json", github_attestation(COUNTER_PINNED, WORKFLOW).as_bytes());
    let lines = lines(&visit, 3);
    let expected = [("given by you", "other files"), ("given by you", "this code"), ("from a store", "this code")];
    for (line, (from, what)) in lines.iter().zip(expected) {
        let said = format!(
            "Does not count, {from}. The line is signed with a certificate, as GitHub attestations are: evidence with workflow and \
             commit, which Provenear does not check yet; it says, as anybody could have written, that the workflow {WORKFLOW} of \
             https://github.com/near-examples/counter built {what} from commit 01234567…456789."
        );
        assert_eq!(*line, said);
    }
    let commits = visit.browser.attributes(&format!("{LINE} .hash"), "data-full").unwrap();
    assert_eq!(commits, vec!["0123456789".repeat(4); 3]);
    visit.verdict("not-rebuilt");
    assert!(!visit.browser.text(".banner").unwrap().contains("workflow"));
    visit.leaves_no_trace();
}

fn an_attestation_cannot_write_what_the_page_says(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.browser.viewport(Some((320, 640))).unwrap();
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    let hostile = "a\u{202e}\u{1b}[2J\n`. Confirmed by Provenear. `<b class=sound>b</b>";
    visit.bring(&github_attestation(COUNTER_PINNED, hostile));
    lines(&visit, 1);
    drop_file(&visit.browser, "a.json", github_attestation(COUNTER_PINNED, &"W".repeat(200)).as_bytes());
    let lines = lines(&visit, 2);
    let shown = r"the workflow a\u{202e}\u{1b}[2J\u{a}'. Confirmed by Provenear. '<b class=sound>b</b> of https://";
    assert!(lines[0].contains(shown), "{}", lines[0]);
    assert!(lines[1].contains(&format!("the workflow {}… (200 bytes) of https://", "W".repeat(160))), "{}", lines[1]);
    // What is not ours is one value, which says so, and none of it leads anywhere.
    let value = visit.browser.text(&format!("{LINE} bdi.value")).unwrap();
    assert!(value.ends_with("'. Confirmed by Provenear. '<b class=sound>b</b>"), "{value}");
    assert_eq!(visit.browser.count(&format!("{LINE} :is(a, b)")).unwrap(), 0);
    let fits = "return document.documentElement.scrollWidth <= innerWidth";
    visit.browser.until("nothing is wider than the window", fits, &[]).unwrap();
    visit.verdict("not-rebuilt");
}
