//! Markdown for a pull-request comment or a step summary, bounded in size.
//!
//! Words of a model stand in block quotes: whatever it left open (a fence, a
//! tag, a list) ends with the quote.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::io;

use super::{clean, memory, routing, words};
use crate::findings::{Finding, Location};
use crate::gate::Outcome;

mod comment;
mod coverage;
mod remembered;

pub use comment::comment;

/// What a step summary may hold; GitHub refuses a longer one.
const MAX_BYTES: usize = 1 << 20;
/// Bytes kept free for the sentence that says what was cut.
const CUT_NOTICE: usize = 200;
/// Characters of a message or a summary.
const MAX_TEXT: usize = 16_000;
/// Characters of what stands on one line.
const MAX_LINE: usize = 2_000;
/// Characters of quoted code.
const MAX_CODE: usize = 4_000;
/// Rows of the table; the details hold the rest.
const MAX_ROWS: usize = 100;
/// Files listed for one reason of being left out.
const MAX_NAMED: usize = 50;

/// Where and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the reviewed files can be read on the web: what `/PATH#L12` is
    /// appended to, as in `https://github.com/OWNER/NAME/blob/COMMIT`. Places are
    /// not linked where it is absent.
    pub source_url: Option<String>,
    /// Bytes of the whole report: 1 MiB for a step summary, 65,536 for a comment.
    pub max_bytes: usize,
    /// Sentences that stand right below the verdict.
    pub lead: Vec<String>,
    /// Fingerprints of findings that are told in full elsewhere: the table is enough of them.
    pub elsewhere: BTreeSet<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            source_url: None,
            max_bytes: MAX_BYTES,
            lead: Vec::new(),
            elsewhere: BTreeSet::new(),
        }
    }
}

/// Writes the report, cut between blocks where it would be over the limit; a
/// sentence then says so. The verdict comes first: it is whole wherever 64 KiB are.
///
/// # Errors
/// Those of the sink.
pub fn write(outcome: &Outcome, options: &Options, out: &mut impl io::Write) -> io::Result<()> {
    let page = Page { outcome, options };
    let text = page.bounded().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// One finding of many.
    Detail,
    /// What was not read, for which there is room whatever else there is.
    Unread,
    /// There is one of it.
    Other,
}

struct Page<'o> {
    outcome: &'o Outcome,
    options: &'o Options,
}

impl Page<'_> {
    fn bounded(&self) -> Result<String, fmt::Error> {
        let limit = self.options.max_bytes;
        let room = limit.saturating_sub(CUT_NOTICE);
        let mut text = String::new();
        let (mut is_cut, mut has_details) = (false, true);
        let blocks = self.blocks()?;
        let unread = blocks.iter().filter(|(kind, _)| *kind == Block::Unread);
        let mut kept_free = unread.map(|(_, text)| text.len() + 1).sum::<usize>();
        kept_free = kept_free.min(room / 2);
        for (kind, block) in blocks {
            let block = clean::commands(&block);
            let gap = if text.is_empty() { "" } else { "\n" };
            if kind == Block::Unread {
                kept_free = 0;
            }
            let fits = text.len() + gap.len() + block.len() + kept_free <= room;
            if fits && (has_details || kind != Block::Detail) {
                text.push_str(gap);
                text.push_str(&block);
                continue;
            }
            if text.is_empty() {
                // The head alone is too long: as much of the verdict as there is room for.
                text.push_str(&block[..block.floor_char_boundary(room)]);
            }
            is_cut = true;
            // No smaller one takes the place of one before it; what follows them all may.
            has_details &= kind != Block::Detail;
        }
        if is_cut {
            write!(
                text,
                "\n_This report is cut: it would be longer than {limit} bytes. \
                 The JSON report holds everything._\n"
            )?;
        }
        text.truncate(text.floor_char_boundary(limit));
        Ok(text)
    }

    /// The report in pieces that can stand alone, the most important first. Each
    /// ends with a line feed.
    fn blocks(&self) -> Result<Vec<(Block, String)>, fmt::Error> {
        let run = &self.outcome.run;
        let confirmed: Vec<&Finding> = self.outcome.confirmed().collect();
        let unconfirmed: Vec<&Finding> = self.outcome.unconfirmed().collect();
        let mut blocks = vec![self.head()?];
        blocks.extend(
            run.notices
                .iter()
                .map(|notice| format!("> **Note:** {}\n", inline(notice))),
        );
        let learned = words::learned(run);
        blocks.extend(learned.map(|learned| format!("> **Note:** {learned}\n")));
        blocks.extend(run.texts.iter().map(|(step, text)| {
            format!(
                "### {}\n\n{}",
                clean::markdown(&clean::line(step)),
                quoted(text)
            )
        }));
        if !confirmed.is_empty() {
            blocks.push(self.table(&confirmed)?);
        }
        let mut blocks: Vec<_> = blocks.into_iter().map(|it| (Block::Other, it)).collect();
        for (index, finding) in confirmed.iter().enumerate() {
            if !self.options.elsewhere.contains(&finding.fingerprint) {
                blocks.push((Block::Detail, self.detail(index + 1, finding)));
            }
        }
        let mut rest: Vec<String> = Vec::new();
        if !unconfirmed.is_empty() {
            rest.push(self.unconfirmed(&unconfirmed)?);
        }
        rest.extend(self.suppressed()?);
        rest.extend(remembered::fixed(run)?);
        rest.extend(run.routing.as_ref().map(|routes| {
            let lines = routing::lines(routes).into_iter();
            let lines = lines.map(|line| format!("- {}\n", inline(&line)));
            format!("### Routing\n\n{}", lines.collect::<String>())
        }));
        blocks.extend(rest.into_iter().map(|it| (Block::Other, it)));
        blocks.extend(coverage::gaps(run)?.map(|it| (Block::Unread, it)));
        blocks.push((Block::Other, coverage::all(run)?));
        Ok(blocks)
    }

    fn head(&self) -> Result<String, fmt::Error> {
        let run = &self.outcome.run;
        let mut text = String::from("## llmux\n\n");
        writeln!(text, "**{}**\n", inline(&words::verdict(self.outcome)))?;
        let files = words::number(run.coverage.files.len(), "file");
        let mut counts = vec![
            format!(
                "{files} reviewed in {}",
                code(&clean::cut(&clean::line(&run.change.title), MAX_LINE))
            ),
            format!("confirmed: {}", words::counts(self.outcome.confirmed())),
        ];
        if self.outcome.unconfirmed().next().is_some() {
            counts.push(format!(
                "unconfirmed: {}",
                words::counts(self.outcome.unconfirmed())
            ));
        }
        if let Some(refuted) = words::refuted(run) {
            counts.push(format!("refuted: {refuted}"));
        }
        counts.extend(memory::history(self.outcome));
        if let Some(suppressed) = memory::suppressed(self.outcome) {
            counts.push(format!("suppressed: {suppressed}"));
        }
        if let Some(dropped) = words::dropped(&run.dropped) {
            counts.push(format!("claims dropped: {dropped}"));
        }
        if let Some(cost) = words::total_cost(run) {
            counts.push(format!("cost: {}", words::money(cost)));
        }
        text.push_str(&counts.join(" · "));
        text.push('\n');
        for sentence in &self.options.lead {
            write!(text, "\n{}\n", inline(sentence))?;
        }
        Ok(text)
    }

    fn table(&self, findings: &[&Finding]) -> Result<String, fmt::Error> {
        let mut text =
            String::from("| # | Severity | Finding | Place | Votes |\n|--:|---|---|---|---|\n");
        for (index, finding) in findings.iter().take(MAX_ROWS).enumerate() {
            writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                index + 1,
                finding.severity,
                cell(&inline(&words::title(finding))),
                cell(&self.place(&finding.location)),
                cell(&inline(&words::votes(finding))),
            )?;
        }
        if findings.len() > MAX_ROWS {
            writeln!(text, "\n{} more are below.", findings.len() - MAX_ROWS)?;
        }
        Ok(text)
    }

    fn detail(&self, number: usize, finding: &Finding) -> String {
        let mut text = format!(
            "### {number}. {}: {}\n\n{} · {} · votes: {}{}\n",
            finding.severity,
            inline(&words::title(finding)),
            self.place(&finding.location),
            code(&clean::line(&finding.rule)),
            inline(&words::votes(finding)),
            memory::novelty(finding),
        );
        if !finding.quote.trim().is_empty() {
            text.push('\n');
            text.push_str(&fenced(&finding.quote));
        }
        text.push('\n');
        text.push_str(&quoted(&finding.message));
        let others = words::other_words(finding);
        if !others.is_empty() {
            text.push_str("\nAlso said:\n\n");
            for said in others {
                text.extend(["- ", &inline(&said), "\n"]);
            }
        }
        if let Some(suggestion) = &finding.suggestion {
            text.push_str("\nSuggestion:\n\n");
            text.push_str(&fenced(suggestion));
        }
        text
    }

    fn unconfirmed(&self, findings: &[&Finding]) -> Result<String, fmt::Error> {
        let summary = format!(
            "Unconfirmed: {} (too few votes; they do not count)",
            words::counts(findings.iter().copied())
        );
        self.folded(&summary, findings, words::votes)
    }

    /// Findings behind a line that opens, one line each, with what is told of each.
    fn folded(
        &self,
        summary: &str,
        findings: &[&Finding],
        told: impl Fn(&Finding) -> String,
    ) -> Result<String, fmt::Error> {
        let mut text = format!("<details><summary>{summary}</summary>\n\n");
        for finding in findings.iter().take(MAX_ROWS) {
            writeln!(
                text,
                "- {}: **{}** {} ({})",
                self.place(&finding.location),
                finding.severity,
                inline(&words::title(finding)),
                inline(&told(finding)),
            )?;
        }
        if findings.len() > MAX_ROWS {
            writeln!(text, "- and {} more", findings.len() - MAX_ROWS)?;
        }
        text.push_str("\n</details>\n");
        Ok(text)
    }

    /// `path:line`, a link where the files can be read on the web.
    fn place(&self, location: &Location) -> String {
        let path = words::path(&location.path);
        let shown = code(&format!("{path}:{}", location.start_line));
        match &self.options.source_url {
            Some(url) => format!(
                "[{shown}]({}/{}#L{}-L{})",
                url.trim_end_matches('/'),
                clean::uri_path(location.path.as_bstr()),
                location.start_line,
                location.end_line.max(location.start_line)
            ),
            None => shown,
        }
    }
}

/// Model's or user's text within a line.
fn inline(text: &str) -> String {
    clean::markdown(&clean::cut(&clean::line(text), MAX_LINE))
}

/// A table cell: a bar would end it, also within code. A backslash before the bar
/// would take the one that is put there, so something invisible parts them.
fn cell(text: &str) -> String {
    text.replace("\\|", "\\\u{200b}|").replace('|', "\\|")
}

/// A model's text as a block quote.
fn quoted(text: &str) -> String {
    let text = clean::markdown(&clean::cut(text.trim(), MAX_TEXT));
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned())
        .collect();
    lines.join("\n") + "\n"
}

/// Text as code within a line.
fn code(text: &str) -> String {
    let fence = clean::fence(text, 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines of code; the fence is longer than any run of backticks in them.
fn fenced(code: &str) -> String {
    let text = clean::text(code.trim_end());
    let text = clean::cut(&text, MAX_CODE);
    let fence = clean::fence(&text, 3);
    format!("{fence}\n{text}\n{fence}\n")
}
