//! The words of a report that the banner does not need: made when they are shown or printed, so that they are in no program
//! that is downloaded before the first verdict. One sentence says who can replace the code, one what a stranger's line says, for
//! page, text and JSON. Lower-case, without a full stop, clauses parted by `; `. None says that nobody can: what was not looked
//! at is said, and keys are said with whose word they are.

use super::{Changeable, ContractKind, ContractReport, HolderReport, Report};
use crate::manifest::Relation;
use crate::near::{AccountId, AccountKind};
use crate::replacement::Extent;
use crate::text::Shown;
use crate::verdict::Moment;

/// Most imports that a sentence names.
const MOST_NAMED: usize = 4;

impl Report {
    /// Puts in what is said about the account, its contract and who can replace the code.
    pub fn fill_words(&mut self) {
        let moment = match &self.deployment {
            Some(deployment) if deployment.age_seconds.is_some() => Moment::Block(deployment.block_height),
            Some(_) | None => Moment::Now,
        };
        let kind = self.deployment.as_ref().map(|deployment| deployment.contract.kind);
        if let Some(deployment) = &mut self.deployment {
            deployment.account_kind = Some(deployment.account_id.kind());
            deployment.contract.message = Some(contract(&deployment.contract));
        }
        if let Some(changeable) = &mut self.changeable {
            let account = self.deployment.as_ref().and_then(|deployment| deployment.account_kind);
            changeable.message = Some(replacement(kind, account, changeable, moment));
            changeable.keys_message = keys(changeable);
        }
        let code = self.code.as_ref().map(|code| code.sha256);
        for holder in self.manifests.iter_mut().filter_map(|manifest| manifest.holder.as_mut()) {
            // A line about code that was not read is about the hash that was asked for, or it is not there.
            let is_same = code.is_none_or(|code| code == holder.artifact);
            holder.message = Some(holders_word(holder, if is_same { "this code" } else { "different code" }, moment));
        }
    }
}

/// What the holder of a key that the reader has not chosen says. Quoted, never stated: nobody vouches for it.
fn holders_word(holder: &HolderReport, which: &str, moment: Moment) -> String {
    let (claims, does) = (moment.choose("claims", "claimed"), moment.choose("does", "did"));
    let build = match (holder.relation, holder.image) {
        (Some(Relation::Claimed), _) => "the claimed build".to_owned(),
        (Some(Relation::ClaimedOtherImage), Some(_)) => "the claimed build, in another image,".to_owned(),
        (Some(Relation::ClaimedOtherImage), None) => "the claimed build, in an image without a digest,".to_owned(),
        (Some(Relation::ClaimedByNode), _) => format!("a build that only a node {claims}"),
        (Some(Relation::Unclaimed), _) => format!("a build that the contract {does} not claim"),
        (None, _) => "a build".to_owned(),
    };
    format!("the holder of {} (not chosen by you) says: {build} gives {which}", holder.key.to_near())
}

fn contract(contract: &ContractReport) -> String {
    let owner = contract.account_id.as_ref().map(AccountId::as_str).unwrap_or_default();
    match contract.kind {
        ContractKind::None => "none".to_owned(),
        ContractKind::Uninitialized => {
            "none yet: the account was only funded so far, and its state init brings its first code and keys".to_owned()
        }
        ContractKind::Local => "its own code".to_owned(),
        ContractKind::Global => "a global contract, named by its hash, which nobody can change".to_owned(),
        ContractKind::GlobalByAccount => format!("a global contract of `{}`", Shown(owner)),
        ContractKind::EthImplicit => "the wallet contract that all `0x…` accounts share".to_owned(),
    }
}

/// Who can replace the code of an account of this kind, or of any account that runs the code.
fn replacement(
    kind: Option<ContractKind>,
    account: Option<AccountKind>,
    changeable: &Changeable,
    moment: Moment,
) -> String {
    let can = moment.choose("can", "could");
    let brings = |what: &str| format!("anyone who has the state init that the account's id is made from {can} {what}");
    let mut clauses = Vec::new();
    match kind {
        None => clauses.push("where an account runs this code, each full-access key of it can replace it".to_owned()),
        Some(ContractKind::Uninitialized) => clauses.push(brings("give it its first code and keys")),
        Some(ContractKind::None) => {
            // One that has neither code nor state yet was only funded so far, and nothing in its record says so (NEP-616).
            clauses.extend(
                account.filter(|it| *it == AccountKind::Deterministic).map(|_| brings("give it its first code")),
            );
            clauses.extend(holders(changeable, "deploy code to this account", moment));
        }
        Some(
            ContractKind::Local | ContractKind::Global | ContractKind::GlobalByAccount | ContractKind::EthImplicit,
        ) => {
            clauses.extend(holders(changeable, "replace the code", moment));
        }
    }
    if let Some(owner) = &changeable.owner {
        clauses.push(format!(
            "`{}` {can} replace it at any time, as the owner of the global contract",
            Shown(owner.as_str())
        ));
    }
    clauses.extend(changeable.redeploy_imports.as_deref().map(|imports| itself(imports, moment)));
    match (moment, kind) {
        (Moment::Now, _) => {}
        (Moment::Block(_), Some(ContractKind::None | ContractKind::Uninitialized)) => {
            clauses.push("the account may have been given code since".to_owned());
        }
        (
            Moment::Block(_),
            None
            | Some(
                ContractKind::Local | ContractKind::Global | ContractKind::GlobalByAccount | ContractKind::EthImplicit,
            ),
        ) => clauses.push("it may have been replaced since".to_owned()),
    }
    clauses.join("; ")
}

/// Who can do `what` by a key.
fn holders(changeable: &Changeable, what: &str, moment: Moment) -> Option<String> {
    let host = Shown(changeable.keys_from.as_deref()?);
    let (can, lists) = (moment.choose("can", "could"), moment.choose("lists", "listed"));
    let (full, read) = counts(changeable);
    let keys = if full == 1 { "1 full-access key".to_owned() } else { format!("{full} full-access keys") };
    Some(match (changeable.keys_extent?, full) {
        (Extent::All, 0) => format!("no full-access key {can} {what}, as `{host}` {lists} the keys"),
        (Extent::All, _) => format!("{keys} {can} {what} at any time, as `{host}` {lists} the keys"),
        (Extent::More, _) => {
            let has = moment.choose("has", "had");
            let more = format!("`{host}` says that the account {has} more than the {read} access keys that were read");
            match full {
                0 => format!("among the keys that were not read may be some that {can} {what}: {more}"),
                _ => format!("at least {keys} {can} {what} at any time: {more}"),
            }
        }
        (Extent::Unlisted, _) => {
            let reason = changeable.keys_error.as_deref().unwrap_or_default();
            format!("there may be keys that {can} {what}: `{host}` did not list them ({reason})")
        }
    })
}

/// Whether the code can replace itself.
fn itself(imports: &[String], moment: Moment) -> String {
    if imports.is_empty() {
        let cannot = moment.choose("cannot", "could not");
        return format!("by itself the code {cannot}: it imports no function that could");
    }
    let mut names: Vec<String> = imports.iter().take(MOST_NAMED).map(|name| format!("`{}`", Shown(name))).collect();
    let more = imports.len() - names.len();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let can = moment.choose("can", "could");
    format!("possibly the code {can} replace itself: it imports {}, which need not be used for that", names.join(", "))
}

/// The keys by what they can do, and whose word that is.
fn keys(changeable: &Changeable) -> Option<String> {
    let host = Shown(changeable.keys_from.as_deref()?);
    let (full, read) = counts(changeable);
    let gas = changeable.gas_keys.filter(|gas| *gas > 0).map(|gas| format!(", {gas} of them gas keys"));
    let types = changeable.key_types.as_deref().filter(|types| *types != ["ed25519"]);
    let types = types.map(|types| format!(" ({})", Shown(&types.join(", "))));
    let kinds = format!(
        "{full} with full access, {} for calls only{}{}",
        read - full,
        gas.unwrap_or_default(),
        types.unwrap_or_default()
    );
    Some(match (changeable.keys_extent?, read) {
        (Extent::All, 0) => format!("none, as `{host}` lists them"),
        (Extent::All, _) => format!("{kinds}, as `{host}` lists them"),
        (Extent::More, 0) => format!("some that were not read, as `{host}` lists them"),
        (Extent::More, _) => format!("more than {read}, as `{host}` lists them; of the {read} that were read, {kinds}"),
        (Extent::Unlisted, _) => {
            let reason = changeable.keys_error.as_deref().unwrap_or_default();
            format!("not known: `{host}` did not list them ({reason})")
        }
    })
}

/// Keys with full access, and all that were read.
fn counts(changeable: &Changeable) -> (usize, usize) {
    let full = changeable.full_access_keys.unwrap_or_default();
    (full, full + changeable.function_call_keys.unwrap_or_default())
}
