//! Redirects, followed by hand: each hop is held against the permissions, and no secret goes to another server.

use bytes::Bytes;
use reqwest::Url;

use super::{Access, HostError, HostErrorKind, HostResult, HttpRequest, HttpResponse, Permissions};

/// As many as browsers allow, about.
pub(super) const MAX_HOPS: usize = 10;

/// The url of a request, if it is one that may be asked.
pub(super) fn admit(access: Access, permissions: &Permissions, url: &str) -> HostResult<Url> {
    let parsed = parse(url)?;
    permit(access, permissions, &parsed)?;
    Ok(parsed)
}

/// Whether the script may ask it; what a configured model needs is never asked about.
pub(super) fn permit(access: Access, permissions: &Permissions, url: &Url) -> HostResult<()> {
    match access {
        Access::Script => permissions.check_url(url),
        Access::Own => Ok(()),
    }
}

pub(super) fn parse(url: &str) -> HostResult<Url> {
    let invalid = |why: &str| {
        HostError::new(
            HostErrorKind::Invalid,
            format!("`{url}` is not a url to connect to: {why}"),
        )
    };
    let parsed = Url::parse(url).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(invalid("it must begin with `http://` or `https://`"));
    }
    Ok(parsed)
}

/// Where a response sends the request on to; `None` if it is the answer.
pub(super) fn next(request: &HttpRequest, from: &Url, response: &HttpResponse) -> Option<HttpRequest> {
    let keeps_method = match response.status {
        307 | 308 => true,
        301..=303 => false,
        _ => return None,
    };
    let target = from.join(response.header("location")?).ok()?;
    let mut onward = HttpRequest {
        url: target.to_string(),
        ..request.clone()
    };
    if !keeps_method && request.method != "HEAD" {
        onward.method = "GET";
        onward.body = Bytes::new();
    }
    if target.origin() != from.origin() {
        let harmless = ["accept", "content-type", "user-agent"];
        onward
            .headers
            .retain(|(name, _)| harmless.iter().any(|h| h.eq_ignore_ascii_case(name)));
    }
    Some(onward)
}

/// The failure of a chain of redirects that does not end.
pub(super) fn too_many(url: &str) -> HostError {
    HostError::new(
        HostErrorKind::Invalid,
        format!("`{url}` redirects more than {MAX_HOPS} times"),
    )
}
