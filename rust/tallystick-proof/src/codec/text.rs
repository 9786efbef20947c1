//! Names and texts: strings as far as every form carries them as they are.

/// Whether a name may hold this character: printable ASCII without quotes and backslashes.
pub(super) fn name_holds(char: char) -> bool {
    matches!(char, ' '..='~') && text_holds(char)
}

/// Whether a text may hold this character: JSON shows it without an escape, and a note on one line.
pub(super) fn text_holds(char: char) -> bool {
    !(char.is_control() || matches!(char, '"' | '\\'))
}

/// Whether this is a text.
pub(crate) fn is_text(text: &str) -> bool {
    text.chars().all(text_holds)
}
