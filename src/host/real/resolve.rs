//! Where a path really leads: links and `..` resolved as the system would, also for what does not exist yet.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// A component of a path that is still to be walked.
enum Step {
    /// `/`, `C:`: what begins a path anew.
    Start(OsString),
    Up,
    Into(OsString),
}

/// The absolute path without links, `.` and `..`. What does not exist is taken as a plain file or folder.
pub(super) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut way: VecDeque<Step> = steps(&std::path::absolute(".")?).into();
    way.extend(steps(path));
    let mut links = 0;
    let mut clean = PathBuf::new();
    while let Some(step) = way.pop_front() {
        match step {
            // Pushing an absolute path replaces what was there.
            Step::Start(root) => clean.push(root),
            Step::Up => {
                clean.pop();
            }
            Step::Into(name) => {
                let next = clean.join(name);
                if !next.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink()) {
                    clean = next;
                    continue;
                }
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::other("its links lead round in a circle"));
                }
                steps(&next.read_link()?)
                    .into_iter()
                    .rev()
                    .for_each(|step| way.push_front(step));
            }
        }
    }
    Ok(clean)
}

fn steps(path: &Path) -> Vec<Step> {
    let step = |component: Component<'_>| match component {
        Component::Prefix(prefix) => Some(Step::Start(prefix.as_os_str().to_owned())),
        Component::RootDir => Some(Step::Start(component.as_os_str().to_owned())),
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Into(name.to_owned())),
    };
    path.components().filter_map(step).collect()
}
