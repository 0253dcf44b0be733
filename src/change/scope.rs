//! Which changed files are reviewed, and why the others are not.

use bstr::{BStr, ByteSlice as _};
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

use super::attributes::Attributes;
use super::git;
use super::{Error, Reason, Settings};

/// The settings made ready to be asked about many files.
pub(super) struct Scope {
    settings: Settings,
    include: Globs,
    exclude: Globs,
    /// What the base's `.gitattributes` say.
    pub attributes: Attributes,
}

/// git's own measure: a NUL among the first bytes makes a file binary.
const SNIFFED: usize = 8000;
/// Lines at the head in which a generator names itself.
const HEAD_LINES: usize = 15;
/// Bytes of the head looked at: one endless line is no head.
const HEAD_BYTES: usize = 4096;
/// Bytes a line has on average in a minified file, at least.
const MINIFIED_AVERAGE: usize = 500;
/// Smaller files are read whatever their lines look like, in bytes.
const MINIFIED_LEAST: usize = 5000;

const LOCK_FILES: &[&str] = &[
    "Cargo.lock",
    "Gemfile.lock",
    "Package.resolved",
    "Pipfile.lock",
    "Podfile.lock",
    "buf.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "conan.lock",
    "deno.lock",
    "flake.lock",
    "go.sum",
    "go.work.sum",
    "gradle.lockfile",
    "mix.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "packages.lock.json",
    "pdm.lock",
    "pixi.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pubspec.lock",
    "pylock.toml",
    "uv.lock",
    "yarn.lock",
];

const VENDORED_FOLDERS: &[&str] = &[
    "Carthage",
    "Godeps",
    "Pods",
    "_vendor",
    "bower_components",
    "jspm_packages",
    "node_modules",
    "site-packages",
    "third-party",
    "third_party",
    "thirdparty",
    "vendor",
    "vendored",
];

const MINIFIED_NAMES: &[&str] = &[
    ".min.js", ".min.mjs", ".min.cjs", ".min.css", "-min.js", "-min.css", ".js.map", ".mjs.map",
    ".css.map",
];

impl Scope {
    /// Builds the globs.
    ///
    /// # Errors
    /// Where one of them is no glob.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        Ok(Self {
            include: Globs::new(&settings.include)?,
            exclude: Globs::new(&settings.exclude)?,
            attributes: Attributes::default(),
            settings: settings.clone(),
        })
    }

    /// Reasons that need nothing but the path.
    pub(super) fn by_path(&self, path: &BStr) -> Option<Reason> {
        if let Some(at) = self.exclude.first_match(path) {
            return Some(Reason::Excluded(self.settings.exclude[at].clone()));
        }
        if !self.settings.include.is_empty() && self.include.first_match(path).is_none() {
            return Some(Reason::NotIncluded);
        }
        let name = &path[path.rfind_byte(b'/').map_or(0, |at| at + 1)..];
        if !self.settings.lock_files && LOCK_FILES.iter().any(|it| it.as_bytes() == name) {
            return Some(Reason::LockFile);
        }
        let marks = self.attributes.marks(path);
        let vendored = marks.vendored.unwrap_or_else(|| in_vendored_folder(path));
        if !self.settings.vendored && vendored {
            return Some(Reason::Vendored);
        }
        if !self.settings.generated && marks.generated == Some(true) {
            return Some(Reason::Generated);
        }
        if !self.settings.minified && MINIFIED_NAMES.iter().any(|it| name.ends_with_str(it)) {
            return Some(Reason::Minified);
        }
        None
    }

    /// The limit; `bytes` is the size of the larger side.
    pub(super) fn by_size(&self, bytes: u64) -> Option<Reason> {
        (bytes > self.settings.max_file_size).then(|| self.too_large(bytes))
    }

    /// A file that was not even read for its size.
    pub(super) fn too_large(&self, bytes: u64) -> Reason {
        Reason::TooLarge {
            bytes,
            limit: self.settings.max_file_size.min(git::LARGEST),
        }
    }

    /// Reasons that need the content.
    pub(super) fn by_content(&self, old: Option<&[u8]>, new: Option<&[u8]>) -> Option<Reason> {
        if [old, new].into_iter().flatten().any(is_binary) {
            return Some(Reason::Binary);
        }
        let minified = !self.settings.minified && new.or(old).is_some_and(is_minified);
        minified.then_some(Reason::Minified)
    }

    /// Generated files name their generator. `head` is the beginning of the file
    /// before the change, where it was there: a change cannot take reviewed code
    /// out by a new first line.
    pub(super) fn by_head(&self, path: &BStr, head: &[u8]) -> Option<Reason> {
        let generated = !self.settings.generated
            && self.attributes.marks(path).generated.is_none()
            && has_generated_head(head);
        generated.then_some(Reason::Generated)
    }
}

/// Globs that read as lines of a `.gitignore`: without a `/` inside they match a
/// name at any depth, otherwise the path from the top; a folder's name stands
/// for all below it.
#[derive(Debug)]
pub struct Globs {
    set: GlobSet,
    /// For each pattern of `set`, the place of its glob in the settings.
    origins: Vec<usize>,
}

impl Globs {
    /// Compiles them.
    ///
    /// # Errors
    /// Where one of them is no glob.
    pub fn new(globs: &[String]) -> Result<Self, Error> {
        let mut set = GlobSetBuilder::new();
        let mut origins = Vec::new();
        for (at, glob) in globs.iter().enumerate() {
            let wrong = |error: globset::Error| Error::Glob {
                glob: glob.clone(),
                reason: error.kind().to_string(),
            };
            for pattern in patterns(glob) {
                let pattern = GlobBuilder::new(&pattern)
                    .literal_separator(true)
                    .backslash_escape(true)
                    .build()
                    .map_err(wrong)?;
                set.add(pattern);
                origins.push(at);
            }
        }
        let set = set.build().map_err(|error| Error::Glob {
            glob: globs.join(", "),
            reason: error.kind().to_string(),
        })?;
        Ok(Self { set, origins })
    }

    /// The place of the first glob that matches.
    pub fn first_match(&self, path: &BStr) -> Option<usize> {
        let found = self
            .set
            .matches_candidate(&Candidate::from_bytes(path.as_bytes()));
        found.into_iter().map(|at| self.origins[at]).min()
    }
}

/// The globs of whole paths that a glob of the settings stands for.
fn patterns(glob: &str) -> Vec<String> {
    let (body, folder_only) = match glob.strip_suffix('/') {
        Some(body) => (body, true),
        None => (glob, false),
    };
    let anchored = body.contains('/');
    let body = body
        .strip_prefix('/')
        .or_else(|| body.strip_prefix("./"))
        .unwrap_or(body);
    let from_top = if anchored {
        body.to_owned()
    } else {
        format!("**/{body}")
    };
    let below = format!("{from_top}/**");
    if folder_only {
        vec![below]
    } else {
        vec![from_top, below]
    }
}

fn in_vendored_folder(path: &BStr) -> bool {
    let Some(end) = path.rfind_byte(b'/') else {
        return false;
    };
    path[..end]
        .split(|byte| *byte == b'/')
        .any(|folder| VENDORED_FOLDERS.iter().any(|it| it.as_bytes() == folder))
}

fn is_binary(content: &[u8]) -> bool {
    content[..content.len().min(SNIFFED)].contains(&0)
}

fn is_minified(content: &[u8]) -> bool {
    content.len() >= MINIFIED_LEAST
        && content.len() / (content.find_iter("\n").count() + 1) >= MINIFIED_AVERAGE
}

/// Whether one of the first lines is what generators write.
fn has_generated_head(content: &[u8]) -> bool {
    let head = content[..content.len().min(HEAD_BYTES)].to_ascii_lowercase();
    // Nearly every file is done with here.
    head.contains_str("generated") && head.lines().take(HEAD_LINES).any(is_generator_line)
}

/// `line` is in lower case.
fn is_generator_line(line: &[u8]) -> bool {
    let says = |what: &str| line.contains_str(what);
    let told_off = says("do not edit") || says("do not modify");
    (says("generated") && told_off)
        || says("<auto-generated")
        || says("generated by the protocol buffer compiler")
        || has_marker(line)
}

/// `@generated` as a word of its own: a text *about* the marker quotes it.
fn has_marker(line: &[u8]) -> bool {
    const MARKER: &str = "@generated";
    let quotes = |byte: u8| matches!(byte, b'`' | b'\'' | b'"' | b'-' | b'_');
    line.find_iter(MARKER).any(|at| {
        let before = at.checked_sub(1).map(|before| line[before]);
        let after = line.get(at + MARKER.len()).copied();
        !before.is_some_and(|byte| quotes(byte) || byte == b'.' || byte.is_ascii_alphanumeric())
            && !after.is_some_and(|byte| quotes(byte) || byte == b'/')
    })
}
