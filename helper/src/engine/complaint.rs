//! What an engine complains of when a pull fails, in the words of engines and registries. Words decide nothing here but what a
//! person is told to do.

/// Finds the image that the engine says is in the way of a pull. Podman keeps one image for each configuration, and does not ask
/// whether a configuration tells the truth about its layers: who had it pull a stranger's image with the configuration of
/// a published one cannot pull that one any more.
pub(super) fn find_blocking(complaint: &str) -> Option<&str> {
    let (_, after) = complaint.split_once("image with ID \"")?;
    let (id, after) = after.split_once('"')?;
    let is_id = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    (is_id && after.contains("already")).then_some(id)
}

/// Whether a registry was asked too often: its status, or the words of Docker Hub and of registries that follow it.
pub(super) fn is_rate_limit(complaint: &str) -> bool {
    let complaint = complaint.to_ascii_lowercase();
    ["toomanyrequests", "too many requests", "rate limit", "status code 429", "status: 429", "http 429"]
        .iter()
        .any(|words| complaint.contains(words))
}

/// What helps where a registry was asked too often. The digest decides what an image is, so any registry's copy will do.
pub(super) fn around_the_limit(engine: &str, reference: &str) -> String {
    let (name, digest) = reference.split_once('@').unwrap_or((reference, ""));
    let (first, path) = name.split_once('/').unwrap_or(("", name));
    let (registry, path) =
        if first.contains(['.', ':']) || first == "localhost" { (first, path) } else { ("docker.io", name) };
    let path = path.split_once(':').map_or(path, |(path, _tag)| path);
    let mirror = match digest {
        "" => String::new(),
        digest => format!(
            ", or take a mirror's copy, which the same digest makes the same image: `--image MIRROR/{path}@{digest}`"
        ),
    };
    format!("the registry limits how often it is asked: log in (`{engine} login {registry}`), wait{mirror}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_was_asked_too_often_is_told_from_one_that_refuses() {
        for complaint in [
            "Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. \
             https://www.docker.com/increase-rate-limit",
            "Error: initializing source docker://x: reading manifest: toomanyrequests: retry-after: 1s, allowed: 44000/minute",
            "unexpected status from GET request to https://ghcr.io/v2/x/manifests/y: 429 Too Many Requests",
            "received unexpected HTTP status: 429 Too Many Requests",
            "StatusCode: 429, rate limit exceeded",
            "error pinging docker registry: invalid status code from registry 429 (Too Many Requests)",
        ] {
            assert!(is_rate_limit(complaint), "{complaint}");
        }
        for complaint in ["manifest unknown", "unauthorized", "x@sha256:429a: not found", "HTTP status: 404 Not Found"]
        {
            assert!(!is_rate_limit(complaint), "{complaint}");
        }
    }

    #[test]
    fn an_image_in_the_way_is_named() {
        let id = "c".repeat(64);
        let said = format!(
            "Error: writing blob: image with ID \"{id}\" already exists, but uses a different top layer: that ID is already in use"
        );
        assert_eq!(find_blocking(&said), Some(id.as_str()));
        for other in ["unauthorized", "image with ID \"--; rm\" already exists", "image with ID \"\" already"] {
            assert_eq!(find_blocking(other), None);
        }
    }

    #[test]
    fn the_way_around_a_limit_is_a_login_or_a_copy_with_the_same_digest() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (reference, registry, mirror) in [
            ("sourcescan/cargo-near:0.13.4@DIGEST", "docker.io", "MIRROR/sourcescan/cargo-near@DIGEST"),
            ("docker.io/sourcescan/cargo-near@DIGEST", "docker.io", "MIRROR/sourcescan/cargo-near@DIGEST"),
            ("ghcr.io/r/nearc@DIGEST", "ghcr.io", "MIRROR/r/nearc@DIGEST"),
            ("localhost:5097/x/y:t@DIGEST", "localhost:5097", "MIRROR/x/y@DIGEST"),
        ] {
            let said = around_the_limit("podman", &reference.replace("DIGEST", &digest));
            assert!(said.contains(&format!("`podman login {registry}`")), "{said}");
            assert!(said.contains(&mirror.replace("DIGEST", &digest)), "{said}");
        }
        // A tag may be another image at a mirror.
        assert!(!around_the_limit("docker", "rust:1.85").contains("mirror"));
    }
}
