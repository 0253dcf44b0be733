//! What names may look like before they become a part of an address.

/// `owner/name`.
pub(super) fn is_repository(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// An owner or a repository: GitHub has no other characters in them. `.` and `..` would be
/// another path.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(allowed)
        && !text.starts_with("..")
        && text != "."
}
