//! `llmux man --markdown`: every command and option, for people who read it on a web page.

use std::fmt::Write as _;

use clap::{Arg, Command};

use crate::config::markdown_text;

const HEAD: &str = "\
<!-- Written by `llmux man --markdown`; a test compares. -->
# Command line

Every command and option, as `llmux COMMAND --help` and the manual pages (`llmux man`) say it. \
Keys of the configuration are in [config.md](config.md).

";

/// The reference of all commands.
pub(super) fn reference(command: &Command) -> String {
    let mut text = HEAD.to_owned();
    let commands = super::all(command);
    for command in &commands {
        let name = name_of(command);
        let about = about_of(command);
        let _ = writeln!(text, "- [`{name}`](#{}): {about}", name.replace(' ', "-"));
    }
    for command in commands {
        write_command(&mut text, command);
    }
    text
}

fn write_command(text: &mut String, command: &Command) {
    let _ = write!(text, "\n## {}\n\n", name_of(command));
    let _ = writeln!(text, "{}.", about_of(command).trim_end_matches('.'));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let _ = write!(text, "\n```text\n{usage}\n```\n");
    let is_root = command
        .get_bin_name()
        .is_none_or(|name| !name.contains(' '));
    // What every command has is told once.
    let shown = |arg: &&Arg| {
        let common = arg.is_global_set() || ["help", "version"].contains(&arg.get_id().as_str());
        !arg.is_hide_set() && (is_root || !common)
    };
    let arguments: Vec<_> = command.get_arguments().filter(shown).collect();
    let mut headings = vec![None];
    for argument in &arguments {
        if !headings.contains(&argument.get_help_heading()) {
            headings.push(argument.get_help_heading());
        }
    }
    for heading in headings {
        let of_heading = arguments.iter();
        let of_heading = of_heading.filter(|argument| argument.get_help_heading() == heading);
        for (place, argument) in of_heading.enumerate() {
            if place == 0 {
                let name = heading.unwrap_or(if is_root {
                    "Options of all commands"
                } else {
                    "Options"
                });
                let _ = write!(text, "\n**{name}**\n\n");
            }
            write_argument(text, argument);
        }
    }
    if let Some(notes) = command.get_after_help() {
        let _ = write!(text, "\n```text\n{}\n```\n", notes.to_string().trim_end());
    }
}

fn write_argument(text: &mut String, argument: &Arg) {
    let short = argument.get_short().map(|short| format!("`-{short}`, "));
    let _ = write!(text, "- {}`{}`", short.unwrap_or_default(), form(argument));
    if let Some(help) = argument.get_help() {
        let _ = write!(text, ": {}", markdown_text(&help.to_string()));
    }
    let takes_values = argument.get_action().takes_values();
    let defaults = argument.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    // A switch has `false`, which nobody types.
    if takes_values && defaults.iter().any(|value| !value.is_empty()) {
        let _ = write!(text, " (default: `{}`)", defaults.join(","));
    }
    text.push('\n');
    for value in argument.get_possible_values() {
        if takes_values
            && !argument.is_hide_possible_values_set()
            && let Some(help) = value.get_help()
        {
            let help = markdown_text(&help.to_string());
            let _ = writeln!(text, "  - `{}`: {help}", value.get_name());
        }
    }
}

/// `--timeout <DURATION>`, `[RANGE]`; without the short form that clap sets before it.
fn form(argument: &Arg) -> String {
    let form = argument.to_string();
    match argument.get_long() {
        Some(long) if !form.contains("--") => format!("--{long}"),
        _ => form,
    }
}

fn name_of(command: &Command) -> &str {
    command.get_bin_name().unwrap_or(command.get_name())
}

fn about_of(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string);
    markdown_text(&about.unwrap_or_default())
}
