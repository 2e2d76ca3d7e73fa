//! Signatures after draft-cavage-http-signatures-12, which nearly everybody writes.

use std::collections::BTreeMap;

use base64::Engine;

use super::claim::{self, BASE64, Claim, LONGEST_HEADER, Parts, Refusal};
use super::key::Algorithm;
use super::parameters::Parameters;
use super::text::{sha256, signing_text};

/// Reads a signature and refuses whatever no key could make good.
pub(super) fn read(parts: &Parts<'_>) -> Result<Claim, Refusal> {
    let header = parts.only("signature")?.ok_or(Refusal::Missing)?;
    if header.len() > LONGEST_HEADER {
        return Err(Refusal::Malformed);
    }
    let parameters = Parameters::parse(header)?;
    for name in &parameters.names {
        parts.only(name)?;
    }
    let algorithm = algorithm(parameters.algorithm.as_deref())?;
    check_coverage(parts, &parameters)?;
    claim::check_time(parts, parameters.covers("date"), parameters.created, parameters.expires)?;
    if parts.has_body() {
        check_digest(parts)?;
    }
    Ok(Claim {
        key_id: claim::key_id(&parameters.key_id)?,
        signing_strings: signing_strings(parts, &parameters)?,
        signature: claim::signature(BASE64.decode(&parameters.signature).map_err(|_| Refusal::Malformed)?)?,
        algorithm,
    })
}

/// The label only rules out: which kind of key it is shows in the key.
fn algorithm(label: Option<&str>) -> Result<Algorithm, Refusal> {
    match label {
        None | Some("hs2019") => Ok(Algorithm::OfKey),
        Some("rsa-sha256") => Ok(Algorithm::RsaSha256),
        Some("rsa-sha512") => Ok(Algorithm::RsaSha512),
        Some("ed25519") => Ok(Algorithm::Ed25519),
        Some(_) => Err(Refusal::Algorithm),
    }
}

fn check_coverage(parts: &Parts<'_>, parameters: &Parameters) -> Result<(), Refusal> {
    let has_time = parameters.covers("date") || (parameters.covers("(created)") && parameters.created.is_some());
    let has_digest = !parts.has_body() || parameters.covers("digest");
    let has_target = parameters.covers("(request-target)") && parameters.covers("host");
    if has_time && has_digest && has_target { Ok(()) } else { Err(Refusal::NotCovered) }
}

/// Takes the one SHA-256 of the list; other algorithms may stand beside it.
fn check_digest(parts: &Parts<'_>) -> Result<(), Refusal> {
    let list = parts.only("digest")?.ok_or(Refusal::NotCovered)?;
    let mut known = list.split(',').filter_map(|item| {
        let (name, value) = item.trim().split_once('=')?;
        name.eq_ignore_ascii_case("sha-256").then_some(value)
    });
    let (Some(claimed), None) = (known.next(), known.next()) else { return Err(Refusal::Digest) };
    let claimed = BASE64.decode(claimed).map_err(|_| Refusal::Digest)?;
    let actual = sha256(parts.body.unwrap_or_default());
    if claim::is_same_digest(&actual, &claimed) { Ok(()) } else { Err(Refusal::Digest) }
}

fn signing_strings(parts: &Parts<'_>, parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    let mut targets = vec![parts.path_and_query];
    if !parts.has_body()
        && let Some((path, _)) = parts.path_and_query.split_once('?')
    {
        targets.push(path);
    }
    let names: Vec<&str> = parameters.names.iter().map(String::as_str).collect();
    let values = values(parts, parameters)?;
    let text = |target| signing_text(parts.method, target, &names, values.clone()).ok_or(Refusal::NotCovered);
    targets.into_iter().map(text).collect()
}

/// The values of everything that is covered.
fn values(parts: &Parts<'_>, parameters: &Parameters) -> Result<BTreeMap<String, String>, Refusal> {
    let mut values = BTreeMap::new();
    for name in &parameters.names {
        let value = match name.as_str() {
            "(request-target)" => continue,
            "(created)" => parameters.created.map(|seconds| seconds.to_string()),
            "(expires)" => parameters.expires.map(|seconds| seconds.to_string()),
            "host" => Some(parts.host()?.to_owned()),
            name => parts.only(name)?.map(str::to_owned),
        };
        values.insert(name.clone(), value.ok_or(Refusal::NotCovered)?);
    }
    Ok(values)
}
