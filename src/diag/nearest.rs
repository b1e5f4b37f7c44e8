//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to `name`, if it is near enough to be what was meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let length = name.chars().count();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        // As many letters as one has more, so far apart they are at least: of a name of megabytes nothing is near.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (strsim::osa_distance(&wanted, &candidate.to_lowercase()), candidate))
        // A name of one letter is near to every other one.
        .filter(|(distance, near)| *distance <= limit && *distance < near.chars().count().min(length))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
