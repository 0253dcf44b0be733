//! What a look at a backend tells, without asking a model.

/// What `doctor` shows of one backend. Holds no key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The program's path, or the server's URL without its query; none for what is built in.
    pub place: Option<String>,
    /// Name of the preset that its values come from.
    pub preset: Option<String>,
    /// What the program or the server says of its version.
    pub version: Option<String>,
    /// The model that is asked for; none where the backend's own default is.
    pub model: Option<String>,
    /// Models that the server offers, sorted; none where it was not asked or does not tell.
    pub models: Option<Vec<String>>,
    /// Whether the model is among them; none where one of both is not known.
    pub model_listed: Option<bool>,
    /// The variables that may hold its key.
    pub keys: Vec<KeyState>,
    /// What keeps it from answering, and what to do. One sentence.
    pub trouble: Option<String>,
    /// What may be wrong although it may well answer, and what to do. One sentence.
    pub hint: Option<String>,
}

/// A variable that may hold a key, and whether it does. Never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyState {
    /// Its name.
    pub variable: String,
    /// Whether it is set to some text.
    pub present: bool,
}
