//! Makes what others say, and who can change the code.

use crate::digest::{Hex, Oci};
use crate::inspection::{Inspection, Line, Looked, StoreOutcome};
use crate::manifest::Untrusted;
use crate::near::{AccessKey, AccountContract};
use crate::replacement::Listed;
use crate::report::{Changeable, Coded, HolderReport, KeyReport, ManifestReport, StoreReport, VerdictReport};
use crate::sort::sort_unique;
use crate::verdict::{Backing, Verdict, Witness};

impl ManifestReport {
    /// `keys_from` is the host that was asked for access keys.
    pub(super) fn of(line: &Line, keys_from: Option<&str>) -> Self {
        let attestation = line.opened.as_ref().ok();
        Self {
            accepted: attestation.is_some(),
            key: attestation.map(|attestation| *attestation.key()),
            name: attestation.map(|attestation| attestation.name().to_owned()).filter(|name| !name.is_empty()),
            artifact: attestation.map(|attestation| Hex(*attestation.artifact())),
            relation: line.relation,
            image: attestation.and_then(|attestation| attestation.pulled_image()).copied().map(Oci),
            image_linux_amd64: attestation.and_then(|attestation| attestation.platform_image()).copied().map(Oci),
            finished_on: attestation.map(|attestation| attestation.finished_on().to_owned()),
            source: line.origin,
            authority: line.authority,
            authority_from: line.authority.and(keys_from).map(str::to_owned),
            signer_account: attestation.and_then(|attestation| attestation.signer_account()).map(str::to_owned),
            source_code_snapshot: attestation
                .and_then(|attestation| attestation.source_code_snapshot())
                .map(str::to_owned),
            reference: attestation.and_then(|attestation| attestation.reference()).map(str::to_owned),
            source_archive: attestation.and_then(|attestation| attestation.source_archive()).copied().map(Hex),
            tree: attestation.and_then(|attestation| attestation.tree()).cloned(),
            rejection: line.opened.as_ref().err().map(|rejection| match &line.attested {
                Some(attested) => Coded::new(*rejection, attested),
                None => Coded::new(*rejection, rejection),
            }),
            holder: line.untrusted.as_ref().map(HolderReport::of),
        }
    }
}

impl HolderReport {
    fn of(untrusted: &Untrusted) -> Self {
        Self {
            key: untrusted.key,
            artifact: Hex(untrusted.artifact),
            relation: untrusted.relation,
            image: untrusted.pulled_image.map(Oci),
            finished_on: untrusted.finished_on.clone(),
            message: None,
        }
    }
}

impl VerdictReport {
    pub(super) fn of(verdict: &Verdict, inspection: &Inspection) -> Self {
        let moment = inspection.moment();
        let keys = |witnesses: fn(&Backing) -> &Vec<Witness>| {
            verdict.backing().into_iter().flat_map(witnesses).map(KeyReport::of).collect()
        };
        Self {
            code: verdict.code(),
            headline: verdict.headline(moment),
            message: verdict.sentence(moment),
            keys: keys(|backing| &backing.keys),
            threshold: inspection.threshold,
            trusted: inspection.trusted,
            dissent: keys(|backing| &backing.dissent),
        }
    }
}

impl KeyReport {
    fn of(witness: &Witness) -> Self {
        Self {
            key: witness.key,
            name: (!witness.name.is_empty()).then(|| witness.name.clone()),
            contradicts_itself: witness.contradicts_itself,
        }
    }
}

impl StoreReport {
    pub(super) fn of(outcome: &StoreOutcome) -> Self {
        Self {
            url: outcome.location.clone(),
            state: outcome.state,
            lines: outcome.lines,
            cut: outcome.is_cut,
            reason: outcome.reason.clone(),
        }
    }
}

impl Changeable {
    pub(super) fn of(looked: &Looked) -> Option<Self> {
        let (listing, read) = (looked.access_keys.as_ref(), looked.code.as_ref());
        if listing.is_none() && read.is_none() {
            return None;
        }
        let contract = looked.deployment.as_ref().map(|deployment| &deployment.contract);
        let keys = listing.and_then(|listing| listing.listed.keys());
        let counted = |counts: fn(&AccessKey) -> bool| keys.map(|keys| keys.iter().filter(|key| counts(key)).count());
        let types = |keys: &[AccessKey]| {
            sort_unique(keys.iter().map(AccessKey::key_type)).into_iter().map(str::to_owned).collect()
        };
        let owner = match contract {
            Some(AccountContract::GlobalByAccount(owner)) => Some(owner.clone()),
            Some(
                AccountContract::None
                | AccountContract::Uninitialized
                | AccountContract::Local(_)
                | AccountContract::Global(_)
                | AccountContract::EthImplicit(_),
            )
            | None => None,
        };
        Some(Self {
            message: None,
            keys_message: None,
            keys_from: listing.map(|listing| listing.host.clone()),
            keys_extent: listing.map(|listing| listing.listed.extent()),
            keys_error: listing.and_then(|listing| match &listing.listed {
                Listed::Unlisted(reason) => Some(reason.clone()),
                Listed::All(_) | Listed::More(_) => None,
            }),
            full_access_keys: counted(|key| key.full_access),
            function_call_keys: counted(|key| !key.full_access),
            gas_keys: counted(|key| key.gas_key),
            key_types: keys.map(types),
            owner,
            redeploy_imports: read.map(|read| read.redeploy_imports.clone()),
        })
    }
}
