//! Lines by keys that the reader has not chosen: what each holder says, and, while nobody was chosen, the one act by which
//! somebody is. Nothing that a line, a link or a store brings does it or fills in a name.

use leptos::prelude::*;
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::report::{HolderReport, ManifestReport};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::{Element, el, live};
use provenear_web_ui::fields::focus;
use provenear_web_ui::settings::TrustedKey;
use provenear_web_ui::text::{actions, button, copy_button, row, sentence, value};

use super::place;
use crate::settings::{change, plain_text};

/// What choosing means, for somebody who has not chosen yet. `is_rebuildable` where they can also do without anybody.
pub(crate) fn choosing(is_rebuildable: bool) -> AnyView {
    let settings = el("a").attr("href", "#/settings").text("Settings").end();
    let own = "Or rely on nobody: rebuild it yourself, as shown under “Check it yourself”, and trust your own key.";
    el("div")
        .attr("data-part", "choosing")
        .child(el("h3").text("You have not chosen whom to trust yet").end())
        .child(
            el("p")
                .text("A signed rebuild counts once you trust the key that signed it. From then on you believe its owner about \
                       every contract, until you remove the key in ")
                .child(settings)
                .text(".")
                .end(),
        )
        .child(
            el("p")
                .text("Get the key or its fingerprint from the owner another way: from their own website, on the phone, or in \
                       person. Compare all of it with what is shown here. Do not take it from where the rebuild is kept: \
                       whoever put it there can put any key beside it.")
                .end(),
        )
        .maybe(is_rebuildable.then(|| el("p").text(own).end()))
        .end()
}

/// Where the holder of a line can be chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Beside this line.
    Here,
    /// Beside an earlier line of the same holder.
    Above,
    /// In settings: who has chosen before knows where.
    Settings,
}

/// What the holder of a key says, with the rows of what was `built`, and the act where it stands here.
pub(crate) fn line(
    manifest: &ManifestReport,
    holder: &HolderReport,
    from: &str,
    built: Vec<AnyView>,
    way: Way,
) -> Element {
    let says = sentence(holder.message.as_deref().unwrap_or("the holder of this key says something that is not shown"));
    let rows = el("dl")
        .child(row("Fingerprint", whole(holder.key.fingerprint())))
        .children(built)
        .child(row("Finished", value(holder.finished_on.clone())));
    let why = manifest.rejection.as_ref().map(|rejection| sentence(&rejection.message));
    el("li")
        .child(el("p").child(says).end())
        .child(el("p").class("quiet").text(&format!("Does not count, {from}. ")).maybe(why).end())
        .child(rows.end())
        .maybe((way == Way::Here).then(|| offer(holder.key)))
}

/// All of a key or a fingerprint, since what is cut out could be the difference.
fn whole(text: String) -> AnyView {
    let copied = copy_button(text.clone(), "this key or fingerprint");
    el("span").class("whole").child(el("code").child(value(text)).end()).child(copied).end()
}

fn offer(key: PublicKey) -> AnyView {
    let opened = RwSignal::new(false);
    let text = key.to_near();
    let place = text.clone();
    let open = move |_| {
        opened.set(true);
        let field = format!("[data-trusting=\"{place}\"] input");
        focus(vec![field]);
    };
    let act = el("button")
        .attr("type", "button")
        .attr("data-action", "trust-key")
        .on("click", open)
        .text("Trust this key…")
        .end();
    let shut = el("p").class("actions").shown_while(move || !opened.get()).child(act).end();
    let drawn = live(move || if opened.get() { form(key, opened) } else { ().into_any() });
    el("div").attr("data-trusting", &text).child(shut).child(drawn).end()
}

fn form(key: PublicKey, opened: RwSignal<bool>) -> AnyView {
    let ambient = Ambient::get();
    let (name, complaint) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: web_sys::Event| {
        event.prevent_default();
        complaint.set(choose(ambient, key, name.get_untracked().trim()).err().unwrap_or_default());
    };
    let field = el("input")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("placeholder", "a name of your own choice")
        .bound(name)
        .end();
    let cancel = move |_| {
        opened.set(false);
        focus(vec![format!("[data-trusting=\"{}\"] [data-action=trust-key]", key.to_near())]);
    };
    let trust = el("button").attr("type", "submit").class("primary").attr("data-action", "confirm-trust");
    el("form")
        .class("card ask")
        .attr("data-card", "trust")
        .on("submit", submit)
        .child(el("p").child(el("strong").text("Trust this key for every contract?").end()).end())
        .child(
            el("dl")
                .child(row("Key", whole(key.to_near())))
                .child(row("Fingerprint", whole(key.fingerprint())))
                .end(),
        )
        .child(
            el("p")
                .text("Anybody can make a key and sign such a line with it. Trust it only if you have the same key or fingerprint \
                       from its owner, got another way than this page, this link and this store.")
                .end(),
        )
        .child(el("label").text("Name of the key's owner ").child(field).end())
        .child(el("p").class("complaint").attr("role", "alert").child(live(move || complaint.get().into_any())).end())
        .child(actions(vec![trust.text("Trust this key").end(), button("cancel-trust", "Cancel", cancel)]))
        .end()
}

/// Trusts `key` under the reader's name for it.
fn choose(ambient: Ambient, key: PublicKey, name: &str) -> Result<(), String> {
    let name = KeyName::parse(name).map_err(|error| plain_text(error.to_string()))?;
    if name.as_str().is_empty() {
        return Err("Give it a name, so that you know later whose key it is.".to_owned());
    }
    place::keep("[data-card=manifests]", format!("[data-signer=\"{}\"]", key.to_near()));
    change(ambient, |settings| {
        settings.keys.retain(|other| other.key != key);
        settings.keys.push(TrustedKey { key, name });
    });
    Ok(())
}
