//! Names of models taken apart: author, words, numbers, dates, variant.
//!
//! ```text
//! anthropic/claude-4-5-sonnet-20250929:online
//! └ author  └ word └ 4.5 └ word └ date   └ variant       key: "4.5 claude sonnet"
//! ```

/// A name taken apart, in lower case. Two names with the same key are the same model in another order or without its
/// date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// What stands before the first slash, letters and digits alone; empty where there is none.
    pub author: String,
    /// Parts without a digit, as they come.
    pub words: Vec<String>,
    /// Parts with a digit, as they come: versions and sizes. Never bent.
    pub numbers: Vec<String>,
    /// Dates, digits alone: `20250929`, `0324`, `2507`.
    pub dates: Vec<String>,
    /// What stands after the last colon; empty where there is none.
    pub variant: String,
    /// Words and numbers, sorted.
    pub key: String,
    /// The first part, if it is a word: `claude`, `gpt`.
    pub family: String,
}

/// Variants that OpenRouter adds to any of its models without listing them.
/// <https://openrouter.ai/docs/guides/routing/model-variants>
const OPTIONS: [&str; 8] = ["online", "thinking", "nitro", "floor", "exacto", "extended", "beta", "free"];

/// Words that most names of open models end with.
pub(super) const TUNING: [&str; 2] = ["instruct", "it"];

impl Name {
    /// Takes a name apart. Never fails: what has neither letters nor digits has no parts.
    pub(super) fn parse(name: &str) -> Self {
        let (base, variant) = name.rsplit_once(':').unwrap_or((name, ""));
        let (author, slug) = base.split_once('/').unwrap_or(("", base));
        let mut parts = split(slug);
        let dates = take_dates(&mut parts);
        let parts = join_versions(parts);
        let mut sorted: Vec<&str> = parts.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        let key = sorted.join(" ");
        let family = parts.first().filter(|part| is_word(part)).cloned().unwrap_or_default();
        let (words, numbers) = parts.into_iter().partition(|part| is_word(part));
        Self { author: letters(author), words, numbers, dates, variant: variant.trim().to_lowercase(), key, family }
    }

    /// Words and numbers without `dropped`, as a key; empty where nothing telling would be left.
    pub(super) fn key_without(&self, dropped: impl Fn(&str) -> bool) -> String {
        let mut kept: Vec<&str> = self.words.iter().map(String::as_str).filter(|word| !dropped(word)).collect();
        if kept.is_empty() || kept.len() == self.words.len() || self.numbers.is_empty() {
            return String::new();
        }
        kept.extend(self.numbers.iter().map(String::as_str));
        kept.sort_unstable();
        kept.join(" ")
    }

    /// All words and numbers of `part` are among ours.
    pub(super) fn contains(&self, part: &Self) -> bool {
        part.words.iter().all(|word| self.words.contains(word)) && is_within(&part.numbers, &self.numbers)
    }

    /// How many parts it has that tell it apart from others.
    pub(super) fn telling_parts(&self) -> usize {
        self.numbers.len() + self.words.iter().filter(|word| !TUNING.contains(&word.as_str())).count()
    }

    /// The same numbers, in any order.
    pub(super) fn has_numbers_of(&self, other: &Self) -> bool {
        self.numbers.len() == other.numbers.len() && is_within(&self.numbers, &other.numbers)
    }

    /// One of our dates is one of theirs, be it written in full or short.
    pub(super) fn shares_date_with(&self, other: &Self) -> bool {
        self.dates.iter().any(|ours| other.dates.iter().any(|theirs| is_same_date(ours, theirs)))
    }

    /// The author that was asked for may be this one: `mistral` is `mistralai`, `meta` is `meta-llama`.
    pub(super) fn is_by(&self, author: &str) -> bool {
        author.is_empty() || self.author.starts_with(author) || author.starts_with(&self.author)
    }
}

/// Splits `model:option` where the option is one that OpenRouter adds to any model.
pub(super) fn split_option(name: &str) -> Option<(&str, &str)> {
    let (base, option) = name.rsplit_once(':')?;
    OPTIONS.iter().any(|known| known.eq_ignore_ascii_case(option)).then_some((base, option))
}

/// Letters and digits of an author's name, in lower case: `x-ai` and `xAI` are the same.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_word(part: &str) -> bool {
    !part.bytes().any(|byte| byte.is_ascii_digit())
}

/// Each of `few` has a partner of its own in `many`.
fn is_within(few: &[String], many: &[String]) -> bool {
    let count = |list: &[String], wanted: &String| list.iter().filter(|number| *number == wanted).count();
    few.iter().all(|number| count(few, number) <= count(many, number))
}

fn is_same_date(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    // Within 20250929: 0929, 2509, 202509.
    long.ends_with(short) || long.get(2..).is_some_and(|rest| rest.starts_with(short)) || long.starts_with(short)
}

/// Parts of a slug, in lower case: at whatever is neither letter nor digit, between `gpt` and `5` of `gpt5`, and
/// between `3.5` and `sonnet` of `3.5sonnet`. `4o`, `70b`, `a22b` and `o3` stay whole.
fn split(slug: &str) -> Vec<String> {
    let letters: Vec<char> = slug.chars().flat_map(char::to_lowercase).collect();
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut end = |part: &mut String| {
        if !part.is_empty() {
            parts.push(unadorned(std::mem::take(part)));
        }
    };
    for (at, &letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1);
        let before = part.chars().next_back();
        if letter == '.' && before.is_some_and(|digit| digit.is_ascii_digit()) && next.is_some_and(char::is_ascii_digit)
        {
            part.push(letter);
        } else if letter == '+' {
            end(&mut part);
            part.push_str("plus");
        } else if !letter.is_alphanumeric() {
            end(&mut part);
        } else {
            let digit_after_word = letter.is_ascii_digit() && part.chars().count() > 1 && is_word(&part);
            let word_after_digit = before.is_some_and(|digit| digit.is_ascii_digit())
                && letters[at..].iter().take_while(|letter| letter.is_alphabetic()).count() > 2;
            if digit_after_word || word_after_digit {
                end(&mut part);
            }
            part.push(letter);
        }
    }
    end(&mut part);
    parts
}

/// `v3.2` is `3.2`, and `5.0` is `5`.
fn unadorned(part: String) -> String {
    let bare = part.strip_prefix('v').filter(|rest| is_number(rest)).unwrap_or(&part);
    match bare.strip_suffix(".0").filter(|rest| is_number(rest)) {
        Some(rest) => rest.to_owned(),
        None if bare.len() == part.len() => part,
        None => bare.to_owned(),
    }
}

fn is_number(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Takes the dates out of `parts`, but leaves at least one part.
fn take_dates(parts: &mut Vec<String>) -> Vec<String> {
    let mut dates = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let last = at + 2 == parts.len();
        let taken = match &parts[at..] {
            [year, month, day, ..] if is_year(year) && is_month(month) && is_day(day) => 3,
            [month, year, ..] if is_month(month) && is_year(year) => 2,
            [month, day] if last && is_month(month) && is_day(day) => 2,
            [date, ..] if is_whole_date(date) || is_short_date(date) => 1,
            _ => 0,
        };
        if taken == 0 || taken == parts.len() {
            at += 1;
            continue;
        }
        let date: Vec<String> = parts.drain(at..at + taken).collect();
        // 08-2024 is written year first, as all others are.
        dates.push(if taken == 2 && is_year(&date[1]) { format!("{}{}", date[1], date[0]) } else { date.concat() });
    }
    dates
}

fn digits(part: &str, count: usize) -> Option<u32> {
    (part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
}

fn is_year(part: &str) -> bool {
    digits(part, 4).is_some_and(|year| (2020..2100).contains(&year))
}

fn is_month(part: &str) -> bool {
    digits(part, 2).is_some_and(|month| (1..=12).contains(&month))
}

fn is_day(part: &str) -> bool {
    digits(part, 2).is_some_and(|day| (1..=31).contains(&day))
}

fn is_whole_date(part: &str) -> bool {
    digits(part, 8).is_some() && is_year(&part[..4]) && is_month(&part[4..6]) && is_day(&part[6..])
}

/// `0324` is a month and a day, `2507` a year and a month.
fn is_short_date(part: &str) -> bool {
    let Some(number) = digits(part, 4) else { return false };
    let (first, second) = (&part[..2], &part[2..]);
    (is_month(first) && is_day(second)) || ((2000..4000).contains(&number) && is_month(second))
}

/// `4`, `5` next to each other are `4.5`.
fn join_versions(parts: Vec<String>) -> Vec<String> {
    let is_piece = |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut joined: Vec<String> = Vec::with_capacity(parts.len());
    let mut previous_is_piece = false;
    for part in parts {
        let piece = is_piece(&part);
        match joined.last_mut() {
            Some(version) if piece && previous_is_piece => {
                version.push('.');
                version.push_str(&part);
            }
            _ => joined.push(part),
        }
        previous_is_piece = piece;
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_model_have_the_same_key() {
        fn check(key: &str, dates: &[&str], names: &[&str]) {
            for name in names {
                let parsed = Name::parse(name);
                assert_eq!(
                    (parsed.key.as_str(), parsed.dates.iter().map(String::as_str).collect()),
                    (key, dates.to_vec()),
                    "{name}"
                );
            }
        }
        check(
            "4.5 claude sonnet",
            &[],
            &["claude-sonnet-4.5", "Claude 4.5 Sonnet", "claude_4-5_sonnet", "claude4.5sonnet"],
        );
        check(
            "4.5 claude sonnet",
            &["20250929"],
            &["claude-sonnet-4-5-20250929", "anthropic/claude-4.5-sonnet-2025-09-29"],
        );
        check("5.1 gpt", &[], &["gpt5.1", "GPT-5.1", "gpt 5.1", "openai/gpt-5-1"]);
        check("4o gpt mini", &["20240718"], &["gpt-4o-mini-2024-07-18", "gpt4o mini 20240718"]);
        check("3.2 deepseek", &[], &["deepseek/deepseek-v3.2", "deepseek 3.2"]);
        check("command plus r", &["202408"], &["cohere/command-r-plus-08-2024", "Command R+ (08-2024)"]);
        check("3.5 plus qwen", &["0215"], &["qwen/qwen3.5-plus-02-15"]);
        check("235b 3 a22b qwen", &["2507"], &["qwen/qwen3-235b-a22b-2507"]);
        check("2 lite nova", &[], &["amazon/nova-2-lite", "Nova 2.0 Lite"]);
        check("", &[], &["", "/", ":", "…"]);
        check("2507", &[], &["2507"]);
    }
}
