//! The arguments of a call: an agent's own, the user's among them, the model, the schema.
//!
//! An agent's options come first, for they keep its tools off and the checkout out of its
//! sight: a user who adds `--max-turns 3` does not lose them. An option of the same name (any
//! of its names, `--name value` or `--name=value`) takes the place of the agent's; options
//! that may be repeated (`-c key=value`) do so where they are about the same key. A subcommand
//! that the agent has already is not doubled. All else follows in the user's order, then the
//! model, the schema, and what must stand last.

use super::agents::{Agent, Opt, SCHEMA, SchemaBy};
use crate::backends::build::BuildError;
use crate::backends::{Input, Settings};

/// The arguments of every call, in parts.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    /// The user's alone, where the program is no known agent.
    fixed: Vec<String>,
    last: Vec<String>,
    /// Option of the model, and its value where it stands in the user's arguments.
    model: Option<(&'static str, Option<Vec<String>>)>,
    /// Whether the user's arguments give a schema of their own.
    own_schema: bool,
}

impl Arguments {
    /// Merges the user's arguments into the agent's.
    ///
    /// # Errors
    /// Where a placeholder has nothing to stand for.
    pub(super) fn new(
        name: &str,
        settings: &Settings,
        agent: Option<&Agent>,
    ) -> Result<Self, BuildError> {
        let uses = |word: &str| settings.args.iter().any(|arg| arg.contains(word));
        if uses("{model}") && settings.model.is_none() && settings.models.is_empty() {
            return Err(BuildError::NoModel(name.to_owned()));
        }
        let prompted = uses("{prompt}");
        match agent {
            Some(_) if prompted || settings.input == Input::Argument => {
                Err(BuildError::AgentInput(name.to_owned()))
            }
            Some(agent) => Ok(Self::merged(agent, &settings.args)),
            None if prompted && settings.input == Input::Stdin => {
                Err(BuildError::PromptOnStdin(name.to_owned()))
            }
            None => Ok(Self {
                fixed: settings.args.clone(),
                last: Vec::new(),
                model: None,
                own_schema: false,
            }),
        }
    }

    fn merged(agent: &Agent, args: &[String]) -> Self {
        let mut own: Vec<Given> = agent.options.iter().map(Given::of).collect();
        let (mut rest, mut model, mut own_schema) = (Vec::new(), None, false);
        let schema = agent.schema.names();
        let mut subcommand = agent.subcommand;
        for given in split(agent, args) {
            let is = |names: &[&str]| names.contains(&given.name.as_str());
            if is(agent.last) {
            } else if given.name.is_empty() && subcommand.contains(&given.words[0].as_str()) {
                // Once: what follows may be a word of the program's own.
                subcommand = &[];
            } else if is(agent.model) {
                model = Some(given.words);
            } else if let Some(place) = own.iter_mut().find(|option| option.is(&given, agent)) {
                *place = given;
            } else {
                own_schema |= is(schema);
                rest.extend(given.words);
            }
        }
        let subcommand = agent.subcommand.first().map(ToString::to_string);
        let own = own.into_iter().flat_map(|given| given.words);
        Self {
            fixed: subcommand.into_iter().chain(own).chain(rest).collect(),
            last: agent.last.iter().map(ToString::to_string).collect(),
            model: agent.model.first().map(|option| (*option, model)),
            own_schema,
        }
    }

    /// The value of the option that one of the names is.
    pub(super) fn value_of(&self, names: &[&str]) -> Option<&str> {
        let mut words = self.fixed.iter();
        while let Some(word) = words.next() {
            match word.split_once('=') {
                Some((name, value)) if names.contains(&name) => return Some(value),
                _ if names.contains(&word.as_str()) => return words.next().map(String::as_str),
                _ => {}
            }
        }
        None
    }

    /// Whether the user's own arguments leave the schema to llmux.
    pub(super) fn wants_schema(&self) -> bool {
        !self.own_schema
    }

    /// Whether another model than the configured one can be asked for.
    pub(super) fn takes_model(&self) -> bool {
        self.model.is_some() || self.fixed.iter().any(|arg| arg.contains("{model}"))
    }

    /// All of one call. `asked` is the model that the question names, which wins over the one
    /// in the arguments, and that one over the `configured` one.
    pub(super) fn of_call(
        &self,
        asked: Option<&str>,
        configured: Option<&str>,
        schema: Option<[String; 2]>,
    ) -> Vec<String> {
        let mut args = self.fixed.clone();
        match (&self.model, asked.or(configured)) {
            (Some((_, Some(own))), _) if asked.is_none() => args.extend_from_slice(own),
            (Some((option, _)), Some(model)) => {
                args.extend([(*option).to_owned(), model.to_owned()]);
            }
            _ => {}
        }
        if let Some(model) = asked.or(configured) {
            for arg in &mut args {
                *arg = arg.replace("{model}", model);
            }
        }
        args.extend(schema.into_iter().flatten());
        args.extend_from_slice(&self.last);
        args
    }

    /// What of them is the same in every call.
    pub(super) fn fixed(&self) -> Vec<&String> {
        let own_model = self.model.iter().filter_map(|(_, own)| own.as_ref());
        let own_model = own_model.flatten();
        self.fixed
            .iter()
            .chain(own_model)
            .chain(&self.last)
            .collect()
    }
}

impl SchemaBy {
    fn names(&self) -> &'static [&'static str] {
        match self {
            Self::No => &[],
            Self::Text(names) | Self::File(names) => names,
        }
    }

    /// The option that gives the schema, with its value or [`SCHEMA`].
    pub(super) fn option(&self, schema: &str) -> Option<[String; 2]> {
        let value = match self {
            Self::File(_) => SCHEMA,
            Self::No | Self::Text(_) => schema,
        };
        let name = self.names().first()?;
        Some([(*name).to_owned(), value.to_owned()])
    }
}

/// An option with its value, or another argument, which has no name.
#[derive(Clone, Debug)]
struct Given {
    name: String,
    value: Option<String>,
    words: Vec<String>,
}

impl Given {
    fn of(option: &Opt) -> Self {
        let name = option.names[0].to_owned();
        let value = option.value.map(ToOwned::to_owned);
        let words = [Some(name.clone()), value.clone()];
        Self {
            name,
            value,
            words: words.into_iter().flatten().collect(),
        }
    }

    /// Whether a user's option is about the same as this one of the agent's.
    fn is(&self, given: &Self, agent: &Agent) -> bool {
        let names = agent.options.iter().map(|option| option.names);
        let mut names = names.filter(|names| names[0] == self.name);
        if !names.any(|names| names.contains(&given.name.as_str())) {
            return false;
        }
        let key = |given: &Self| {
            let value = given.value.as_deref().unwrap_or_default();
            value.split('=').next().map(ToOwned::to_owned)
        };
        !agent.repeated.contains(&self.name.as_str()) || key(self) == key(given)
    }
}

/// The user's arguments, each option with its value.
fn split(agent: &Agent, args: &[String]) -> Vec<Given> {
    let options = agent.options.iter();
    let valued: Vec<&str> = options
        .filter(|option| option.value.is_some())
        .flat_map(|option| option.names)
        .chain(agent.valued)
        .chain(agent.model)
        .chain(agent.schema.names())
        .copied()
        .collect();
    let mut given = Vec::new();
    let mut words = args.iter().peekable();
    while let Some(word) = words.next() {
        let (name, mut value) = name_and_value(word, &valued);
        let mut all = vec![word.clone()];
        if value.is_none() && valued.contains(&name) {
            value = words.next().cloned();
            all.extend(value.clone());
            while let Some(more) =
                words.next_if(|word| agent.lists.contains(&name) && !word.starts_with('-'))
            {
                all.push(more.clone());
            }
        }
        given.push(Given {
            name: name.to_owned(),
            value,
            words: all,
        });
    }
    given
}

/// `--name=value` and `-nvalue` in their parts; no name where it is no option.
fn name_and_value<'a>(word: &'a str, valued: &[&str]) -> (&'a str, Option<String>) {
    if !word.starts_with('-') {
        return ("", None);
    }
    let short = word.split_at_checked(2).filter(|_| !word.starts_with("--"));
    match short {
        Some((name, value)) if !value.is_empty() && valued.contains(&name) => {
            let value = value.strip_prefix('=').unwrap_or(value);
            (name, Some(value.to_owned()))
        }
        _ => match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        },
    }
}
