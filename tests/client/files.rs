//! Real files: whole or not at all.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use dsp::host::{Access, Host, HostErrorKind, Permissions, RealHost};

fn host() -> Arc<dyn Host> {
    Arc::new(RealHost::new(Permissions::default()))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_write_makes_folders_and_leaves_nothing_beside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/c.json");
    host().write(Access::Own, &path, b"one").unwrap();
    host().write(Access::Own, &path, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(names(path.parent().unwrap()), ["c.json"]);
}

#[cfg(unix)]
#[test]
fn a_written_file_keeps_its_rights_and_a_new_one_has_the_usual() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (new, usual, old) = (
        folder.path().join("new"),
        folder.path().join("usual"),
        folder.path().join("old"),
    );
    fs::write(&usual, "").unwrap();
    fs::write(&old, "").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    host().write(Access::Own, &new, b"x").unwrap();
    host().write(Access::Own, &old, b"x").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&new), mode(&usual));
    assert_eq!(mode(&old), 0o640);
}

#[cfg(unix)]
#[test]
fn a_write_through_a_link_changes_what_it_leads_to_and_devices_stay_devices() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    host().write(Access::Own, &link, b"new").unwrap();
    assert_eq!(fs::read(&real).unwrap(), b"new");
    assert!(link.is_symlink());
    host().write(Access::Own, Path::new("/dev/null"), b"gone").unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn what_is_not_there_or_no_file_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = host().read(Access::Own, &missing).unwrap_err();
    assert_eq!(
        (error.kind, error.message),
        (
            HostErrorKind::NotFound,
            format!("there is no file `{}`", missing.display())
        )
    );
    let error = host().read(Access::Own, folder.path()).unwrap_err();
    assert_eq!(
        error.message,
        format!("could not read `{}`: it is a folder", folder.path().display())
    );
    let error = host().write(Access::Own, folder.path(), b"").unwrap_err();
    assert_eq!(
        error.message,
        format!("could not write `{}`: it is a folder", folder.path().display())
    );
}

#[test]
fn listing_is_sorted_and_passes_over_hidden_folders_and_target() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.dsp", "a/z.dsp", ".git/x", "target/y", "a/.c/w", ".env"] {
        host().write(Access::Own, &folder.path().join(name), b"").unwrap();
    }
    let listed = host().list(Access::Own, folder.path()).unwrap();
    let expected: Vec<_> = [".env", "a/z.dsp", "b.dsp"]
        .iter()
        .map(|name| folder.path().join(name))
        .collect();
    assert_eq!(listed, expected);
}

/// A file system of 64 kB, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(folder.path())
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(SmallDisk(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _best_effort = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn on_a_full_disk_the_old_file_stays_whole_and_nothing_is_left_beside() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: a small disk could not be mounted");
        return;
    };
    let path = disk.0.path().join("state.json");
    host().write(Access::Own, &path, &[b'a'; 20_000]).unwrap();
    let error = host().write(Access::Own, &path, &[b'b'; 60_000]).unwrap_err();
    assert_eq!(error.kind, HostErrorKind::DiskFull);
    assert_eq!(
        error.message,
        format!(
            "could not write `{}`: the disk is full; what was there before is unchanged",
            path.display()
        )
    );
    assert_eq!(fs::read(&path).unwrap(), [b'a'; 20_000]);
    assert_eq!(names(disk.0.path()), ["state.json"]);
    // A cache on it is left aside, and does not stop anything.
    match host().store(&disk.0.path().join("responses.sqlite3")) {
        Ok(store) => assert!((0..100).any(|n| store.put(&n.to_string(), Arc::new([0; 4000])).is_err())),
        Err(error) => assert_eq!(error.kind, HostErrorKind::DiskFull),
    }
}

#[test]
fn programs_run_to_their_end_or_are_said_to_be_missing() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let finished = runtime
        .block_on(host().run(Access::Own, "echo", &["hi".to_owned()]))
        .unwrap();
    assert_eq!((finished.code, finished.stdout.as_slice()), (Some(0), &b"hi\n"[..]));
    let error = runtime
        .block_on(host().run(Access::Own, "no-such-program-1", &[]))
        .unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (HostErrorKind::NotFound, "there is no program `no-such-program-1`")
    );
}
