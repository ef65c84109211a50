//! Patterns of model ids, in which `*` stands for any letters.

use std::collections::BTreeMap;

/// What is said of a model: under its id, else under the longest pattern that fits.
pub(super) fn find<'a, T>(patterns: &'a BTreeMap<String, T>, model: &str) -> Option<&'a T> {
    if patterns.is_empty() || model.is_empty() {
        return None;
    }
    patterns.get(model).or_else(|| {
        let fitting = patterns.iter().filter(|(pattern, _)| fits(pattern, model));
        fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(_, said)| said)
    })
}

/// Whether a pattern fits all of a text. `*` stands for anything, also for nothing.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut pieces = rest.split('*');
    let end = pieces.next_back().unwrap_or_default();
    // Each piece at its first place leaves the most for those that follow.
    for piece in pieces {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_ids() {
        let check = |pattern, id, expected| assert_eq!(fits(pattern, id), expected, "{pattern} {id}");
        check("a/b", "a/b", true);
        check("a/b", "a/b:free", false);
        check("a/*", "a/b", true);
        check("a/*", "aa/b", false);
        check("*", "a/b", true);
        check("*:free", "a/b:free", true);
        check("*:free", "a/b:free:x", false);
        check("*claude*4.5*", "anthropic/claude-sonnet-4.5", true);
        check("*claude*4.5*", "anthropic/4.5-claude", false);
        check("a*b*c", "abc", true);
        check("a*bc*c", "abc", false);
        check("ab*bc", "abc", false);
    }

    #[test]
    fn an_id_wins_over_patterns_and_the_longest_pattern_over_others() {
        let patterns: BTreeMap<String, u32> =
            [("*", 1), ("openai/*", 2), ("openai/*-mini", 3), ("openai/o1", 4), ("*/*:free", 5)]
                .map(|(pattern, said)| (pattern.to_owned(), said))
                .into();
        let check = |model: &str, said: u32| assert_eq!(find(&patterns, model), Some(&said), "{model}");
        check("openai/o1", 4);
        check("openai/o1-mini", 3);
        check("openai/gpt-5", 2);
        check("google/gemma:free", 5);
        check("x", 1);
        assert_eq!(find(&[("a*b*c".to_owned(), 0)].into(), "a-b"), None);
        assert_eq!(find(&[("a*a".to_owned(), 0)].into(), "a"), None, "no letter is used twice");
    }
}
