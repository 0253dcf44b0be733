//! Where reports go: words of `--report`, files that appear whole, a pipe that closes.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use llmux::report::{Error, Format, Spec, Style, check, write_all};

use super::sample::{clean, rich};

fn to(format: Format, path: impl AsRef<Path>) -> Spec {
    Spec {
        format,
        path: Some(path.as_ref().to_owned()),
    }
}

fn write(specs: &[Spec], stdout: &mut impl Write) -> Result<(), Error> {
    write_all(&rich(), specs, Style::default(), stdout)
}

#[test]
fn specs_are_read() {
    let spec = |text: &str| text.parse::<Spec>();
    assert_eq!(
        spec("sarif=out/a=b.sarif").unwrap(),
        to(Format::Sarif, "out/a=b.sarif")
    );
    for text in ["junit", "junit=-"] {
        assert_eq!(spec(text).unwrap().path, None, "{text}");
    }
    insta::assert_snapshot!(spec("sarrif=x").unwrap_err(), @"`sarrif` is no report format: use terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; did you mean `sarif`?");
    insta::assert_snapshot!(spec("pdf").unwrap_err(), @"`pdf` is no report format: use terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html");
    insta::assert_snapshot!(spec("json=").unwrap_err(), @"`json=` names no file: write `json=PATH`, or `json` for standard output");
}

#[test]
fn several_reports_in_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let sarif = folder.path().join("a.sarif");
    let junit = folder.path().join("b.xml");
    let mut stdout = Vec::new();
    let markdown = Spec {
        format: Format::Markdown,
        path: None,
    };
    write(
        &[
            to(Format::Sarif, &sarif),
            markdown,
            to(Format::Junit, &junit),
        ],
        &mut stdout,
    )
    .unwrap();
    assert!(fs::read_to_string(sarif).unwrap().starts_with('{'));
    assert!(fs::read_to_string(junit).unwrap().starts_with("<?xml"));
    assert!(stdout.starts_with(b"## llmux"));
}

#[test]
fn two_reports_in_one_place_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report");
    let stdout = |format| Spec { format, path: None };
    let error = check(&[stdout(Format::Json), stdout(Format::Sarif)]).unwrap_err();
    assert!(error.is_usage());
    insta::assert_snapshot!(error, @"json and sarif would both go to standard output: give one of them a file, as in `sarif=PATH`");

    // The same file by another name, there or not.
    let again = folder.path().join(".").join("report");
    let specs = [to(Format::Json, &path), to(Format::Sarif, again)];
    assert!(matches!(check(&specs), Err(Error::SharedPath { .. })));
    fs::write(&path, "old").unwrap();
    assert!(matches!(check(&specs), Err(Error::SharedPath { .. })));
    let mut sink = Vec::new();
    assert!(write(&specs, &mut sink).unwrap_err().is_usage());
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
}

#[test]
fn a_missing_folder_is_named_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("not/there");
    let error = check(&[to(Format::Json, missing.join("r.json"))]).unwrap_err();
    assert!(error.is_usage());
    let message = error.to_string();
    assert!(
        message.contains(&missing.display().to_string()),
        "{message}"
    );
    let error = check(&[to(Format::Json, folder.path())]).unwrap_err();
    assert!(matches!(error, Error::IsFolder { .. }), "{error}");
    // A bare name stands in the current folder.
    check(&[to(Format::Json, "r.json")]).unwrap();
}

#[test]
fn a_file_is_replaced_whole_and_nothing_stays_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.json");
    fs::write(&path, "old and longer than nothing".repeat(10_000)).unwrap();
    write(&[to(Format::Json, &path)], &mut Vec::new()).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn files_get_the_modes_of_any_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    let usual = folder.path().join("usual");
    fs::write(&usual, "").unwrap();
    let report = folder.path().join("r.json");
    write(&[to(Format::Json, &report)], &mut Vec::new()).unwrap();
    assert_eq!(mode(&report), mode(&usual));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_device_a_device() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target.json");
    let link = folder.path().join("link.json");
    fs::write(&target, "old").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    write(
        &[to(Format::Json, &link), to(Format::Sarif, "/dev/null")],
        &mut Vec::new(),
    )
    .unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().starts_with('{'));
    let null = fs::metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());
}

/// Fails as a system does.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_no_error_and_a_full_disk_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.json");
    let stdout = |format| Spec { format, path: None };
    for format in Format::ALL {
        let specs = [stdout(format), to(Format::Json, &file)];
        write(&specs, &mut Broken(io::ErrorKind::BrokenPipe)).unwrap();
        assert!(file.exists());
        fs::remove_file(&file).unwrap();
        let error = write(&specs, &mut Broken(io::ErrorKind::StorageFull)).unwrap_err();
        assert!(!error.is_usage(), "{error}");
        // The other report is written all the same.
        assert!(file.exists());
    }
}

/// Keeps reports for `tests/conformance.sh` where `LLMUX_TEST_REPORTS` names a folder.
#[test]
fn reports_for_the_validators() {
    let folder = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("LLMUX_TEST_REPORTS");
    let folder = kept.as_ref().map_or(folder.path(), Path::new);
    let outcomes = [
        ("rich", rich()),
        ("clean", clean()),
        ("incomplete", super::sample::incomplete()),
        (
            "second",
            super::sample::judged(super::sample::remembering_run()),
        ),
    ];
    for (name, outcome) in outcomes {
        for (format, extension) in [
            (Format::Sarif, "sarif"),
            (Format::Junit, "xml"),
            (Format::Json, "json"),
            (Format::Markdown, "md"),
            (Format::Terminal, "txt"),
            (Format::Github, "github"),
            (Format::Gitlab, "gitlab.json"),
            (Format::Rdjsonl, "rdjsonl"),
            (Format::Html, "html"),
        ] {
            let path = folder.join(format!("{name}.{extension}"));
            let spec = to(format, &path);
            write_all(&outcome, &[spec], Style::default(), &mut Vec::new()).unwrap();
            // Nothing found and all read is no diagnostic.
            let is_empty = path.metadata().unwrap().len() == 0;
            assert_eq!(is_empty, format == Format::Rdjsonl && name == "clean");
        }
    }
}
