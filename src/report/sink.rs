//! Where reports go: files that appear whole, and a stream that may close.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Error, Spec};

/// Finds what cannot work before a run has cost anything: two reports in one
/// place, a folder that is missing, a folder where a file should go.
///
/// # Errors
/// The first of these, in the order of `specs`; [`Error::is_usage`] holds for all.
pub fn check(specs: &[Spec]) -> Result<(), Error> {
    for (index, spec) in specs.iter().enumerate() {
        let earlier = &specs[..index];
        let Some(path) = &spec.path else {
            if let Some(first) = earlier.iter().find(|other| other.path.is_none()) {
                return Err(Error::SharedStdout {
                    first: first.format,
                    second: spec.format,
                });
            }
            continue;
        };
        let folder = folder_of(path);
        if !folder.is_dir() {
            return Err(Error::NoFolder {
                format: spec.format,
                path: path.clone(),
                folder: folder.to_owned(),
            });
        }
        if path.is_dir() {
            return Err(Error::IsFolder {
                format: spec.format,
                path: path.clone(),
            });
        }
        let same = |other: &&Spec| other.path.as_deref().map(real_path) == Some(real_path(path));
        if let Some(first) = earlier.iter().find(same) {
            return Err(Error::SharedPath {
                first: first.format,
                second: spec.format,
                path: path.clone(),
            });
        }
    }
    Ok(())
}

/// The folder that holds `path`; the current one for a bare name.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// One name for every way to write a path, links followed, also where the file
/// is not there yet.
fn real_path(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let folder = folder_of(path);
    let folder = folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf());
    match path.file_name() {
        Some(name) => folder.join(name),
        None => folder,
    }
}

/// Writes a file through a temporary one beside it, so that a reader sees the
/// old or the new content and a failure leaves nothing.
///
/// # Errors
/// Those of the file.
pub fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut fs::File>) -> io::Result<()>,
) -> io::Result<()> {
    // A device or a pipe (`/dev/stderr`, `>(…)`) must be written to: a rename
    // would put a plain file in its place.
    if fs::metadata(path).is_ok_and(|existing| !existing.is_file()) {
        let mut device = fs::OpenOptions::new().write(true).open(path)?;
        return buffered(&mut device, write);
    }
    // Through a link to the file it names, so that the link stays one.
    let target = real_path(path);
    let mut temporary = temporary_builder().tempfile_in(folder_of(&target))?;
    buffered(temporary.as_file_mut(), write)?;
    temporary
        .persist(&target)
        .map_err(|failure| failure.error)?;
    Ok(())
}

fn buffered(
    file: &mut fs::File,
    write: impl FnOnce(&mut BufWriter<&mut fs::File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = BufWriter::new(file);
    write(&mut buffer)?;
    buffer.flush()
}

/// Temporary files are private by default; a report is read by other steps and
/// other users, so it gets what the process' mask allows, as any file would.
fn temporary_builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".llmux-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Writes to standard output in one piece. A reader that has seen enough
/// (`llmux diff | head`) is no error.
pub(super) fn write_stream(
    stream: &mut impl Write,
    write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = Vec::new();
    write(&mut buffer)?;
    match stream.write_all(&buffer).and_then(|()| stream.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
