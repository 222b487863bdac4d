//! Two manifests: in what the rebuilds that they are about differ. By the rebuilders' own words, and whose they are is said; no
//! verdict follows.

use std::collections::{BTreeMap, BTreeSet};

use provenear_shared::dsse::Envelope;
use provenear_shared::manifest::{Policy, items, open, open_untrusted};
use provenear_shared::provenance::{
    BYPRODUCT_UNSIGNED, BuildDefinition, Builder, DEPENDENCY_IMAGE, DEPENDENCY_IMAGE_PLATFORM, DEPENDENCY_SOURCE,
    DEPENDENCY_SOURCE_ARCHIVE, ExternalParameters, InternalParameters, Origin, Provenance, ResourceDescriptor,
    RunDetails, Statement, Tree,
};
use provenear_shared::recipe::Claimed;
use provenear_shared::report::{
    RebuildDifference, RebuildPart, RebuildSide, RebuildsReport, RebuildsSchema, SignatureCheck,
};
use provenear_shared::verdict::ClaimBasis;

use crate::failure::{Code, fail};

/// What each manifest says, by part and by name within it. What stands there several times is kept so.
type Said = BTreeMap<(RebuildPart, Option<String>), Vec<String>>;

/// One manifest that was read.
struct Read {
    side: RebuildSide,
    statement: Statement,
}

/// Compares two manifests, each the text of a file with its name.
///
/// # Errors
/// [`Code::Io`] where one holds no manifest of a rebuild, [`Code::Usage`] where it holds several.
pub(super) fn compare([a, b]: [(&str, &str); 2], policy: &Policy) -> anyhow::Result<RebuildsReport> {
    let (a, b) = (read(a, policy)?, read(b, policy)?);
    let (said_a, said_b) = (list_parts(&a.statement), list_parts(&b.statement));
    let keys: BTreeSet<_> = said_a.keys().chain(said_b.keys()).collect();
    let text = |said: &Said, key| said.get(key).map(|all| all.join(", "));
    let differences: Vec<RebuildDifference> = keys
        .into_iter()
        .map(|key| (key, text(&said_a, key), text(&said_b, key)))
        .filter(|(_, a, b)| a != b)
        .map(|((part, name), a, b)| RebuildDifference { part: *part, name: name.clone(), a, b })
        .collect();
    let same_artifact = differences.iter().all(|it| it.part != RebuildPart::Artifact);
    let message = message(same_artifact, &differences);
    Ok(RebuildsReport {
        schema: RebuildsSchema::V1,
        error: (),
        same_artifact,
        message,
        a: a.side,
        b: b.side,
        differences,
    })
}

fn message(same_artifact: bool, differences: &[RebuildDifference]) -> String {
    let others = differences.iter().map(|it| it.part).filter(|part| *part != RebuildPart::Artifact);
    let others: BTreeSet<&str> = others.map(RebuildPart::code).collect();
    let others = others.into_iter().collect::<Vec<_>>().join(", ");
    match (same_artifact, others.as_str()) {
        (true, "") => "both state the same build, and that the same code came out".to_owned(),
        (true, others) => format!("both state that the same code came out, of builds that differ in: {others}"),
        (false, "") => "they state that different code came out of the same build".to_owned(),
        (false, others) => format!("they state that different code came out, of builds that differ in: {others}"),
    }
}

fn read((name, text): (&str, &str), policy: &Policy) -> anyhow::Result<Read> {
    let line = only_line(name, text)?;
    let name = name.escape_debug().to_string();
    let payload = Envelope::parse(line.as_bytes()).ok().and_then(|envelope| envelope.payload_bytes());
    let Some(statement) = payload.and_then(|payload| Statement::parse(&payload).ok()) else {
        return fail(Code::Io, format!("`{name}` is not a manifest of a rebuild"));
    };
    let (signature, key, message) = match (open(line, policy), open_untrusted(line, None, ClaimBasis::Code)) {
        (Ok(opened), _) => {
            let name = if opened.name().is_empty() { String::new() } else { format!(" ({})", opened.name()) };
            let message = format!("signed by a key that you trust, {}{name}", opened.key().to_near());
            (SignatureCheck::Trusted, Some(*opened.key()), message)
        }
        (Err(_), Ok(opened)) => {
            let message =
                format!("signed by the key that it names itself, which you do not trust: {}", opened.key.to_near());
            (SignatureCheck::NamedByItself, Some(opened.key), message)
        }
        (Err(why), Err(_)) => {
            let message = format!("anybody may have written it, since its signature was not accepted: {why}");
            (SignatureCheck::NotChecked, None, message)
        }
    };
    let finished_on = statement.predicate.run_details.metadata.finished_on.clone();
    Ok(Read { side: RebuildSide { name, signature, key, message, finished_on }, statement })
}

/// The one manifest of a text: which of several is meant nobody could tell.
fn only_line<'t>(name: &str, text: &'t str) -> anyhow::Result<&'t str> {
    match *items(text, usize::MAX).0 {
        [line] => Ok(line),
        [] => fail(Code::Io, format!("`{}` holds no manifest", name.escape_debug())),
        ref lines => {
            let (name, all) = (name.escape_debug(), lines.len());
            let message = format!(
                "`{name}` holds {all} manifests: write the line of the one that is meant into a file of its own"
            );
            fail(Code::Usage, message)
        }
    }
}

/// Lists all that a statement says of a rebuild. What is left out is who says so, when, and at which deployment they looked.
fn list_parts(statement: &Statement) -> Said {
    let mut said = Said::new();
    let mut say = |part: RebuildPart, name: Option<&str>, text: String| {
        said.entry((part, name.map(str::to_owned))).or_default().push(text);
    };
    let Statement { statement_type, subject, predicate_type, predicate } = statement;
    let Provenance { build_definition, run_details } = predicate;
    let BuildDefinition { build_type, external_parameters, internal_parameters, resolved_dependencies } =
        build_definition;
    let RunDetails { builder: Builder { id, version }, metadata: _, byproducts } = run_details;
    for artifact in subject {
        digests(RebuildPart::Artifact, artifact, None, &mut say);
    }
    for (name, text) in
        [("_type", statement_type), ("predicateType", predicate_type), ("buildType", build_type), ("id", id)]
    {
        say(RebuildPart::Builder, Some(name), text.clone());
    }
    version.iter().for_each(|(name, text)| say(RebuildPart::Version, Some(name), text.clone()));
    claim(external_parameters, &mut say);
    internal(internal_parameters, &mut say);
    for dependency in resolved_dependencies {
        let name = dependency.name.as_deref();
        let (part, name) = match name {
            Some(DEPENDENCY_SOURCE) => (RebuildPart::Source, None),
            Some(DEPENDENCY_IMAGE) => (RebuildPart::Image, None),
            Some(DEPENDENCY_IMAGE_PLATFORM) => (RebuildPart::Image, Some("linux/amd64")),
            Some(DEPENDENCY_SOURCE_ARCHIVE) => (RebuildPart::SourceArchive, None),
            other => (RebuildPart::LockFile, other),
        };
        digests(part, dependency, name, &mut say);
        dependency.uri.iter().for_each(|uri| say(part, Some("uri"), uri.clone()));
        dependency.annotations.iter().for_each(|(name, text)| say(part, Some(name), text.clone()));
    }
    // What was signed for another machine is a matter of who signed.
    for log in byproducts.iter().filter(|it| it.name.as_deref() != Some(BYPRODUCT_UNSIGNED)) {
        digests(RebuildPart::Log, log, None, &mut say);
    }
    said
}

fn digests(
    part: RebuildPart,
    thing: &ResourceDescriptor,
    name: Option<&str>,
    say: &mut impl FnMut(RebuildPart, Option<&str>, String),
) {
    for (algorithm, digest) in &thing.digest {
        // Where there is one kind of digest, it needs no name.
        let name = name.or((algorithm != "sha256").then_some(algorithm));
        say(part, name, digest.clone());
    }
}

fn claim(parameters: &ExternalParameters, say: &mut impl FnMut(RebuildPart, Option<&str>, String)) {
    let origin = match parameters.origin {
        Origin::Claimed => "claimed",
        Origin::Supplied => "supplied",
    };
    let Claimed { build_environment, build_command, contract_path, source_code_snapshot, output_wasm_path, link } =
        parameters.claimed();
    let rows = [
        ("origin", Some(origin.to_owned())),
        ("build_environment", build_environment),
        ("build_command", build_command.map(shell_words::join)),
        ("contract_path", contract_path),
        ("source_code_snapshot", source_code_snapshot),
        ("output_wasm_path", output_wasm_path),
        ("link", link),
    ];
    for (name, text) in rows {
        text.into_iter().for_each(|text| say(RebuildPart::Claim, Some(name), text));
    }
}

fn internal(parameters: &InternalParameters, say: &mut impl FnMut(RebuildPart, Option<&str>, String)) {
    let InternalParameters { observed: _, signer: _, platform, argv, env, network_access, limits, notices, tree } =
        parameters;
    say(RebuildPart::Platform, None, platform.clone());
    say(RebuildPart::Command, None, shell_words::join(argv));
    say(RebuildPart::NetworkAccess, None, network_access.clone());
    env.iter().for_each(|(name, text)| say(RebuildPart::Environment, Some(name), text.clone()));
    limits.iter().for_each(|(name, text)| say(RebuildPart::Limit, Some(name), text.clone()));
    // By name, so that one that only the other has stands out.
    notices.iter().for_each(|code| say(RebuildPart::Notice, Some(code), "noticed".to_owned()));
    if let Some(Tree { cargo_config, build_scripts, proc_macros }) = tree {
        let lists = [("cargo_config", cargo_config), ("build_scripts", build_scripts), ("proc_macros", proc_macros)];
        for (name, list) in lists {
            list.iter().for_each(|entry| say(RebuildPart::Tree, Some(name), entry.clone()));
        }
    }
}
